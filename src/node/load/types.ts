/** Gives the load of each STATUS: 1 (busy) .. 100 (idle), 0 hot standby, -1 out of order. */
export interface LoadMeter {
  /** The value to publish now; called once for each STATUS. Never throws. */
  next(): number;
  /** As it was asked for, for views: `sine:30,90,60s`. */
  readonly text: string;
  close(): void;
}
