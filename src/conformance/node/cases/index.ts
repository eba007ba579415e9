import type { NodeCase } from '../stage.ts';
import { APP_CASES } from './apps.ts';
import { CONFIG_CASES } from './config.ts';
import { ERROR_CASES } from './errors.ts';
import { FIELD_CASES } from './fields.ts';
import { GOODBYE_CASES } from './goodbye.ts';
import { HEADER_CASES } from './headers.ts';
import { ORDER_CASES } from './order.ts';
import { STATUS_CASES } from './status.ts';
import { TRANSPORT_CASES } from './transport.ts';

/** Every case of the node direction, by topic. */
export const NODE_CASES: readonly NodeCase[] = [
  ...ORDER_CASES,
  ...HEADER_CASES,
  ...FIELD_CASES,
  ...CONFIG_CASES,
  ...APP_CASES,
  ...GOODBYE_CASES,
  ...STATUS_CASES,
  ...ERROR_CASES,
  ...TRANSPORT_CASES,
];
