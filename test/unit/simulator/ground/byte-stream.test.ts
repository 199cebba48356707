import { describe, expect, it } from '@jest/globals';
import { ByteStream } from '../../../../simulator/ground/byte-stream.ts';

async function readAll(stream: ByteStream): Promise<readonly string[]> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk).toString('latin1'));
  return chunks;
}

describe('ByteStream', () => {
  it('cuts the written text into chunks, regardless of characters', async () => {
    const stream = new ByteStream({ chunkBytes: 2 });
    stream.write('aäb');
    stream.end();
    expect(await readAll(stream)).toEqual(['a\u00c3', '\u00a4b']);
  });

  it('returns what was written before a failure, then the failure, once', async () => {
    const stream = new ByteStream({ chunkBytes: 10 });
    stream.write('before');
    stream.fail(new Error('broken'));

    expect(await stream.next()).toMatchObject({ done: false });
    await expect(stream.next()).rejects.toThrow('broken');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('loses unread data when it is aborted, and rejects a waiting reader', async () => {
    const stream = new ByteStream({ chunkBytes: 10 });
    const waiting = stream.next();
    stream.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');

    const unread = new ByteStream({ chunkBytes: 10 });
    unread.write('lost');
    unread.abort(new Error('gone'));
    await expect(unread.next()).rejects.toThrow('gone');
  });

  it('ends at once for a reader that leaves, even while it waits, and reports that once', async () => {
    let closed = 0;
    const stream = new ByteStream({ chunkBytes: 10 }, () => {
      closed += 1;
    });
    const waiting = stream.next();
    await stream.return();
    stream.write('late');
    stream.end();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });

  it('breaks after the given number of bytes', async () => {
    const stream = new ByteStream({ chunkBytes: 10, cutAfterBytes: 3 });
    stream.write('abcdef');
    expect((await stream.next()).value?.length).toBe(3);
    await expect(stream.next()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
