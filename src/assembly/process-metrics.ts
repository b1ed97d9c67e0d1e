import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * Metrics of the process itself: memory, event loop, garbage collection. They are watched until the process ends, with no way
 * to stop. So every server of a process reads the same ones, in a registry that holds nothing of any server.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
