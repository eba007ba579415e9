import type { FaultName } from '../../../../src/node/faults/table.ts';
import type { FaultBoard } from '../../../../src/node/faults/types.ts';

/** A board on which faults are on or off, for every node, and always strike. */
export interface SimpleBoard extends FaultBoard {
  on(fault: FaultName, amount?: number): void;
  off(fault: FaultName): void;
}

export function simpleBoard(): SimpleBoard {
  const amounts = new Map<FaultName, number | undefined>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    on(fault, amount) {
      amounts.set(fault, amount);
      tell();
    },
    off(fault) {
      amounts.delete(fault);
      tell();
    },
    list: () => [],
    add(spec) {
      amounts.set(spec.fault, spec.amount);
      tell();
      return spec.fault;
    },
    remove: () => false,
    clear() {
      amounts.clear();
      tell();
    },
    strike: (fault) => (amounts.has(fault) ? { fault, amount: amounts.get(fault) } : undefined),
    isOn: (fault) => amounts.has(fault),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
}
