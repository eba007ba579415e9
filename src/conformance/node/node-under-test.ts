import type { AdvertiseGroup } from '../../core/advertise/group.ts';
import type { Action, ActionValues } from './actions.ts';
import type { Setting } from './settings.ts';

/** How a node is to be started for one case. */
export interface StartWishes {
  /** MCMP addresses that it is to register with, in this order; none where it discovers them. */
  readonly balancers: readonly URL[];
  /** Settings that the case needs, with the values that it looks for. */
  readonly settings: ReadonlyMap<Setting, string>;
  /** It is to discover its balancers, here. */
  readonly discovers: AdvertiseGroup | undefined;
}

/** A node that runs. */
export interface NodeUnderTest {
  /**
   * Does something to it. Resolves when it was told, which need not be when it is done; `exit` resolves when it is gone.
   * @throws NotHere when nobody can do that
   */
  act(action: Action, values: ActionValues): Promise<void>;
  /** What it printed, as far as it is kept: for the reports. */
  output(): string;
  /** Ends it, politely at first. Resolves when it is gone, also when it was gone already. */
  end(): Promise<void>;
}

/** Starts a node; resolves when that was begun: that it registers is seen at the balancers. */
export type StartNode = (wishes: StartWishes) => Promise<NodeUnderTest>;
