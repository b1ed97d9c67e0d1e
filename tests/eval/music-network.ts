import { type MusicModel, mostDeviations } from '../../src/detection/music.ts';
import { inputNames } from '../../src/detection/music-context.ts';
import { seeded } from './sound.ts';

/** Inputs of many seconds, one after the other, and whether there is music. */
export interface Rows {
  readonly inputs: Float32Array;
  readonly targets: Uint8Array;
}
export type Network = Omit<MusicModel, 'rule'>;

export interface NetworkOptions {
  /** So many networks are trained, each from another start; what they say is averaged. */
  readonly members: number;
  /** Of each member. */
  readonly hiddenUnits: number;
  readonly epochs: number;
  /** Added to every input while training, in deviations: keeps the network from learning recordings by heart. */
  readonly jitter: number;
  readonly decay: number;
  readonly seed: number;
}
export const chosen: NetworkOptions = { members: 3, hiddenUnits: 16, epochs: 12, jitter: 0.4, decay: 5e-3, seed: 1 };

const size = inputNames.length;
const batch = 64;
const rate = 0.002;

/** The mean of several networks of one hidden layer is one network with all their units. */
export function trainNetwork(rows: Rows, options: NetworkOptions, say?: (line: string) => void): Network {
  const members = Array.from({ length: options.members }, (_, member) =>
    trainMember(rows, { ...options, seed: options.seed + member }, say),
  );
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    ...members[0]!,
    hidden: {
      weights: members.flatMap(({ hidden }) => hidden.weights),
      biases: members.flatMap(({ hidden }) => hidden.biases),
    },
    output: {
      weights: members.flatMap(({ output }) => output.weights.map((weight) => round(weight / members.length))),
      bias: round(members.reduce((sum, { output }) => sum + output.bias, 0) / members.length),
    },
  };
}

/** Adam (Kingma and Ba, 2015) on the cross entropy, with weight decay. Both answers weigh the same in sum. */
function trainMember(
  { inputs, targets }: Rows,
  options: NetworkOptions,
  say: (line: string) => void = () => undefined,
): Network {
  const { hiddenUnits, epochs, jitter, decay, seed } = options;
  const random = seeded(seed);
  const count = targets.length;
  const { means, deviations, scaled } = scale(inputs, count);
  const music = targets.reduce((sum, target) => sum + target, 0);
  const weightOf = [count / (2 * (count - music)), count / (2 * music)];
  const [biasAt, outAt] = [hiddenUnits * size, hiddenUnits * size + hiddenUnits];
  const total = outAt + hiddenUnits + 1;
  const weights = Float64Array.from({ length: total }, (_, at) =>
    at < biasAt
      ? (random() + random() + random() - 1.5) * Math.sqrt(2 / size)
      : at < outAt
        ? 0
        : (random() - 0.5) * 0.5,
  );
  const [m, v, gradient] = [new Float64Array(total), new Float64Array(total), new Float64Array(total)];
  const active = new Float64Array(hiddenUnits);
  const x = new Float64Array(size);
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  const noise = Float32Array.from({ length: 65_536 + size }, () => (random() + random() + random() - 1.5) * 2 * jitter);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let at = count - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [order[at], order[other]] = [order[other]!, order[at]!];
    }
    let loss = 0;
    for (let first = 0; first < count; first += batch) {
      gradient.fill(0);
      const until = Math.min(count, first + batch);
      for (let at = first; at < until; at++) {
        const row = order[at]!;
        const shift = Math.floor(random() * 65_536);
        for (let i = 0; i < size; i++) x[i] = scaled[row * size + i]! + noise[shift + i]!;
        let sum = weights[total - 1]!;
        for (let unit = 0; unit < hiddenUnits; unit++) {
          let value = weights[biasAt + unit]!;
          const base = unit * size;
          for (let i = 0; i < size; i++) value += weights[base + i]! * x[i]!;
          active[unit] = Math.max(value, 0);
          sum += active[unit]! * weights[outAt + unit]!;
        }
        const target = targets[row]!;
        const said = 1 / (1 + Math.exp(-sum));
        loss -= weightOf[target]! * Math.log(Math.max(1e-9, target === 1 ? said : 1 - said));
        const error = (weightOf[target]! * (said - target)) / (until - first);
        gradient[total - 1]! += error;
        for (let unit = 0; unit < hiddenUnits; unit++) {
          if (active[unit] === 0) continue;
          gradient[outAt + unit]! += error * active[unit]!;
          const back = error * weights[outAt + unit]!;
          gradient[biasAt + unit]! += back;
          const base = unit * size;
          for (let i = 0; i < size; i++) gradient[base + i]! += back * x[i]!;
        }
      }
      step += 1;
      const slower = rate * (1 - epoch / epochs) + 1e-5;
      const [firstOrder, secondOrder] = [1 - 0.9 ** step, 1 - 0.999 ** step];
      for (let at = 0; at < total; at++) {
        const slope = gradient[at]! + decay * weights[at]!;
        m[at] = 0.9 * m[at]! + 0.1 * slope;
        v[at] = 0.999 * v[at]! + 0.001 * slope * slope;
        weights[at]! -= (slower * (m[at]! / firstOrder)) / (Math.sqrt(v[at]! / secondOrder) + 1e-8);
      }
    }
    if (epoch % 4 === 3) say(`epoch ${epoch + 1}: loss ${(loss / count).toFixed(4)}`);
  }
  const round = (value: number) => Math.round(value * 1e3) / 1e3;
  return {
    inputs: inputNames,
    means: [...means].map((value) => Math.round(value * 1e4) / 1e4),
    deviations: [...deviations].map((value) => Math.max(1e-4, Math.round(value * 1e4) / 1e4)),
    hidden: {
      weights: Array.from({ length: hiddenUnits }, (_, unit) =>
        [...weights.subarray(unit * size, (unit + 1) * size)].map(round),
      ),
      biases: [...weights.subarray(biasAt, outAt)].map(round),
    },
    output: { weights: [...weights.subarray(outAt, total - 1)].map(round), bias: round(weights[total - 1]!) },
  };
}

function scale(inputs: Float32Array, count: number) {
  const [means, deviations] = [new Float64Array(size), new Float64Array(size)];
  for (let at = 0; at < inputs.length; at++) means[at % size]! += inputs[at]! / count;
  for (let at = 0; at < inputs.length; at++) deviations[at % size]! += (inputs[at]! - means[at % size]!) ** 2 / count;
  for (let at = 0; at < size; at++) deviations[at] = Math.sqrt(deviations[at]!) + 1e-4;
  const scaled = Float32Array.from(inputs, (value, at) =>
    Math.max(-mostDeviations, Math.min(mostDeviations, (value - means[at % size]!) / deviations[at % size]!)),
  );
  return { means, deviations, scaled };
}
