/** What a panel of the dashboard says of itself, and how its expressions are made. */

export interface Query {
  readonly expr: string;
  /** What a line is called: `{{label}}`. */
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries' | 'table';
  /** A unit of Grafana. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly description: string;
  readonly queries: readonly Query[];
  readonly stacked?: true;
  /** Its values may be negative: the axis does not begin at 0. */
  readonly signed?: true;
  /** From which value on it is red. */
  readonly redFrom?: number;
  /** Below which value it is red. */
  readonly redBelow?: number;
}

export interface RowSpec {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly PanelSpec[];
}

/** What is chosen at the top of the dashboard. */
export const PICKED = 'job=~"$job",instance=~"$instance"';
export const NODE = `${PICKED},node=~"$node"`;
export const CONTEXT = `${NODE},context=~"$context"`;
export const RATE = '$__rate_interval';

export function perSecond(series: string, matchers: string, by: string): string {
  return `sum by (${by}) (rate(${series}{${matchers}}[${RATE}]))`;
}

export function quantile(share: string, bucket: string, matchers: string, by = ''): string {
  return `histogram_quantile(${share}, ${perSecond(bucket, matchers, by === '' ? 'le' : `${by}, le`)})`;
}
