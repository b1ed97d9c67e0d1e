import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asOneParty, currentParty, type Party, type Urgency } from '../../../src/adapters/process/party.ts';
import { Turns } from '../../../src/adapters/process/turns.ts';

const party = (id: string, urgency: Urgency = 'person'): Party => ({ id, urgency });

/** A child that ends when it is told to. */
function heldChild() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let hasBegun = false;
  return {
    end: resolve,
    get hasBegun() {
      return hasBegun;
    },
    run: () => {
      hasBegun = true;
      return promise;
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('lets people go before jobs that asked earlier', async () => {
    const turns = new Turns({ places: 2 });
    const [first, second, job, person] = [heldChild(), heldChild(), heldChild(), heldChild()];
    const all = [
      turns.run(party('a'), undefined, first.run),
      turns.run(party('b'), undefined, second.run),
      turns.run(party('c', 'job'), undefined, job.run),
      turns.run(party('d'), undefined, person.run),
    ];
    first.end();
    await settled();
    expect([job.hasBegun, person.hasBegun]).toEqual([false, true]);
    second.end();
    await settled();
    expect(job.hasBegun).toBe(true);
    person.end();
    job.end();
    await Promise.all(all);
  });

  it('never gives the last place to a job', async () => {
    const turns = new Turns({ places: 2 });
    const [first, second, person] = [heldChild(), heldChild(), heldChild()];
    const all = [
      turns.run(party('a', 'job'), undefined, first.run),
      turns.run(party('b', 'job'), undefined, second.run),
      turns.run(party('c'), undefined, person.run),
    ];
    await settled();
    expect([first.hasBegun, second.hasBegun, person.hasBegun]).toEqual([true, false, true]);
    for (const child of [first, second, person]) child.end();
    await Promise.all(all);
    expect(second.hasBegun).toBe(true);
  });

  it('gives further children of a party their turn at once, so nobody holds a place while waiting', async () => {
    const turns = new Turns({ places: 2 });
    const [reader, other] = [heldChild(), heldChild()];
    const reading = turns.run(party('check', 'job'), undefined, reader.run);
    const beside = turns.run(party('person'), undefined, other.run);
    await turns.run(party('check', 'job'), undefined, async () => {});
    reader.end();
    other.end();
    await Promise.all([reading, beside]);
  });

  it('tells people to come back when too many wait, and loses no job', async () => {
    const turns = new Turns({ places: 2, waiting: 1 });
    const held = [heldChild(), heldChild(), heldChild(), heldChild()];
    const all = ['a', 'b', 'c'].map((id, at) => turns.run(party(id), undefined, held[at]!.run));
    await expect(turns.run(party('d'), undefined, async () => {})).rejects.toMatchObject({
      code: 'PROCESSOR_UNAVAILABLE',
    });
    const job = turns.run(party('e', 'job'), undefined, held[3]!.run);
    for (const child of held) child.end();
    await Promise.all([...all, job]);
    expect(held.every((child) => child.hasBegun)).toBe(true);
  });

  it('forgets who gives up while waiting', async () => {
    const turns = new Turns({ places: 2, waiting: 1 });
    const held = [heldChild(), heldChild(), heldChild()];
    const all = ['a', 'b'].map((id, at) => turns.run(party(id), undefined, held[at]!.run));
    const gone = new AbortController();
    const waiting = turns.run(party('c'), gone.signal, async () => {});
    gone.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    const next = turns.run(party('d'), undefined, held[2]!.run);
    for (const child of held) child.end();
    await Promise.all([...all, next]);
  });

  it('is free again after a child that fails', async () => {
    const turns = new Turns({ places: 2 });
    for (let n = 0; n < 5; n++)
      await expect(turns.run(party(`p${n}`), undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await turns.run(party('z', 'job'), undefined, async () => {});
  });

  it('keeps its bounds and starts everybody, whatever the order', async () => {
    const asked = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 6 }), isJob: fc.boolean(), ends: fc.integer({ min: 0, max: 5 }) }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 2, max: 4 }), async (children, places) => {
        const turns = new Turns({ places });
        const running = new Map<string, number>();
        await Promise.all(
          children.map(({ id, isJob, ends }) => {
            const own = party(`${isJob ? 'job' : 'person'}${id}`, isJob ? 'job' : 'person');
            return turns.run(own, undefined, async () => {
              running.set(own.id, (running.get(own.id) ?? 0) + 1);
              expect(running.size).toBeLessThanOrEqual(places);
              expect([...running.keys()].filter((each) => each.startsWith('job')).length).toBeLessThan(places);
              for (let n = 0; n < ends; n++) await settled();
              const left = running.get(own.id)! - 1;
              if (left === 0) running.delete(own.id);
              else running.set(own.id, left);
            });
          }),
        );
        expect(running.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('parties', () => {
  it('are one for all that a request or a job does, and one each outside of them', async () => {
    const [own, other] = await asOneParty('job', async () => {
      await settled();
      return [currentParty(), currentParty()];
    });
    expect(own).toEqual(other);
    expect(own!.urgency).toBe('job');
    expect(currentParty().id).not.toBe(currentParty().id);
  });
});
