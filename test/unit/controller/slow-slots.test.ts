import { expect, it } from '@jest/globals';
import { SlowSlots } from '../../../src/controller/slow-slots.ts';
import { settle } from '../../../simulator/ground/virtual-clock.ts';

it('gives no more slots than there are', () => {
  const slots = new SlowSlots(3);

  expect([slots.tryTake(2), slots.tryTake(2), slots.tryTake(1)]).toEqual([true, false, true]);
});

it('serves those who wait in their order, and nobody before them', async () => {
  const slots = new SlowSlots(2);
  const served: string[] = [];
  slots.tryTake(2);
  void slots.take(2).then(() => served.push('first'));
  void slots.take(1).then(() => served.push('second'));

  slots.release(1);
  await settle();
  expect([served, slots.tryTake(1)]).toEqual([[], false]);

  slots.release(1);
  await settle();
  expect(served).toEqual(['first']);

  slots.release(2);
  await settle();
  expect([served, slots.tryTake(1)]).toEqual([['first', 'second'], true]);
});
