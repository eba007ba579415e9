export const cases = ({ balancerCase, inAll, accepted, said, demandEqual }) => [
  balancerCase({
    id: 'shop/checkout-keeps-its-node',
    requirement: 'A checkout that began on a node goes on there.',
    level: 'must',
    lines: [],
    spec: 'our contract with the shop team',
    tags: ['shop'],
    needs: ['traffic'],
    expected: inAll(said('the node that the cookie names')),
    async run(trial) {
      const first = await trial.node();
      const second = await trial.node({ contexts: [first.context] });
      const cookie = ['Cookie', `JSESSIONID=abc.${second.route}`];
      const answer = await trial.web(`${first.context}/checkout`, { headers: [cookie] });
      demandEqual('served by', answer.servedBy, second.route);
    },
  }),
  balancerCase({
    id: 'shop/long-route',
    requirement: 'Our container platform makes routes of 60 characters.',
    level: 'must',
    lines: [],
    spec: 'our contract with the platform team',
    expected: inAll(accepted('')),
    async run(trial, expected) {
      const route = trial.route().padEnd(60, 'x');
      trial.forget(route);
      await trial.expect(expected, 'CONFIG', { JVMRoute: route, Host: '127.0.0.1', Port: 8080, Type: 'http' });
    },
  }),
];
