import type { NodeCase } from '../stage.ts';
import { ANSWER_CASES } from './answers.ts';
import { APP_CASES } from './apps.ts';
import { CONFIG_CASES } from './config.ts';
import { DISCOVERY_CASES } from './discovery.ts';
import { ERROR_CASES } from './errors.ts';
import { FIELD_CASES } from './fields.ts';
import { GOODBYE_CASES } from './goodbye.ts';
import { HEADER_CASES } from './headers.ts';
import { MANAGEMENT_CASES } from './management.ts';
import { ORDER_CASES } from './order.ts';
import { RESET_CASES } from './reset.ts';
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
  ...ANSWER_CASES,
  ...RESET_CASES,
  ...DISCOVERY_CASES,
  ...MANAGEMENT_CASES,
];
