/**
 * Power spectrum of `size` real samples (a power of two), as `size / 2` values from 0 Hz up. The returned array is
 * reused by the next call. Real samples are treated as half as many complex ones (Press et al., Numerical Recipes,
 * section 12.3).
 */
export function createPowerSpectrum(size: number): (samples: Float32Array) => Float32Array {
  const half = size / 2;
  const { order, cosines, sines } = tables(half);
  const [re, im] = [new Float32Array(half), new Float32Array(half)];
  const turnRe = Float32Array.from({ length: half }, (_, k) => Math.cos((Math.PI * k) / half));
  const turnIm = Float32Array.from({ length: half }, (_, k) => Math.sin((Math.PI * k) / half));
  const power = new Float32Array(half);
  return (samples) => {
    for (let at = 0; at < half; at++) {
      const to = order[at]!;
      re[to] = samples[2 * at]!;
      im[to] = samples[2 * at + 1]!;
    }
    transform(re, im, cosines, sines);
    for (let k = 0; k < half; k++) {
      const other = k === 0 ? 0 : half - k;
      const evenRe = (re[k]! + re[other]!) / 2;
      const evenIm = (im[k]! - im[other]!) / 2;
      const oddRe = (im[k]! + im[other]!) / 2;
      const oddIm = (re[other]! - re[k]!) / 2;
      const real = evenRe + oddRe * turnRe[k]! + oddIm * turnIm[k]!;
      const imaginary = evenIm + oddIm * turnRe[k]! - oddRe * turnIm[k]!;
      power[k] = real * real + imaginary * imaginary;
    }
    return power;
  };
}

function tables(size: number) {
  const order = new Uint32Array(size);
  const bits = Math.log2(size);
  for (let at = 0; at < size; at++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if (at & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    order[at] = reversed;
  }
  return {
    order,
    cosines: Float32Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size)),
    sines: Float32Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size)),
  };
}

/** In place, radix 2; the input is in bit-reversed order. */
function transform(re: Float32Array, im: Float32Array, cosines: Float32Array, sines: Float32Array): void {
  const size = re.length;
  for (let span = 1; span < size; span *= 2) {
    const step = size / (2 * span);
    for (let start = 0; start < size; start += 2 * span) {
      for (let k = 0, turn = 0; k < span; k++, turn += step) {
        const upper = start + k;
        const lower = upper + span;
        const c = cosines[turn]!;
        const s = sines[turn]!;
        const lowerRe = re[lower]! * c + im[lower]! * s;
        const lowerIm = im[lower]! * c - re[lower]! * s;
        re[lower] = re[upper]! - lowerRe;
        im[lower] = im[upper]! - lowerIm;
        re[upper]! += lowerRe;
        im[upper]! += lowerIm;
      }
    }
  }
}
