/** Where our dialect `httpd-2` answers other than the recorded httpd did, on purpose. */
export interface DeliberateDifference {
  /** Recording in `fixtures/recordings/mod_proxy_cluster-2.0.0.Dev`. */
  readonly file: string;
  /** Which exchanges: by their place in the file, from 0. */
  readonly exchanges: readonly number[];
  readonly reason: string;
}

/** Shared by the replay here and the one over sockets; each says that it holds nothing superfluous. */
export const DELIBERATE_DIFFERENCES: readonly DeliberateDifference[] = [
  {
    file: '08-errors-status-ping.json',
    exchanges: [18, 19],
    reason: 'What is not MCMP gets the same status as from httpd, but as plain text, as all answers of our own are.',
  },
  {
    file: '10-manager-page.json',
    exchanges: [2, 3, 5, 8],
    reason:
      'The manager page says the same in another form, and changes nothing by GET unless --legacy-manager-get allows it.',
  },
];
