/** The value of a metric in Prometheus' text format; its labels as they are written there. NaN: it is not there. */
export const metricOf = (text: string, metric: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${metric} `))
      ?.slice(metric.length + 1),
  );
