/** Any text at all, including lone surrogates. fast-check's `binary` takes half a second because it lists every code point first. */
import * as fc from 'fast-check';

export function anyText(size: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  const codePoints = fc.array(fc.nat({ max: 0x10_ffff }), size);
  // `string` often generates names such as `__proto__`.
  return fc.oneof(
    fc.string(size),
    codePoints.map((codes) => String.fromCodePoint(...codes)),
  );
}
