/** Any text at all, lone surrogates too. The `binary` of fast-check lists every code point first: half a second. */
import * as fc from 'fast-check';

export function anyText(size: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  const codePoints = fc.array(fc.nat({ max: 0x10_ffff }), size);
  // `string` has a weakness for names such as `__proto__`.
  return fc.oneof(
    fc.string(size),
    codePoints.map((codes) => String.fromCodePoint(...codes)),
  );
}
