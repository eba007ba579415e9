export const cases = ({ nodeCase, forNodes, said, demand, demandEqual, reactions, messages }) => [
  nodeCase({
    id: 'platform/short-routes',
    requirement: 'Routes of our nodes are short: they end up in every session id.',
    level: 'must',
    lines: [],
    spec: 'our contract with the platform team',
    expected: forNodes(said('at most 20 characters')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin();
      const { route } = await stage.registered(balancer);
      demand(route.length <= 20, words, route);
    },
  }),
  nodeCase({
    id: 'platform/full-table',
    requirement: 'A node that finds no room at its balancer is there when there is some.',
    level: 'must',
    lines: [],
    spec: 'our contract with the platform team',
    expected: forNodes(said('registered by the third attempt')),
    async run(stage) {
      const full = reactions.refusal('MEM', 'MEM: Can\'t update or insert node with "x" JVMRoute');
      const { balancer } = await stage.begin((one) => one.on('CONFIG', full, 2));
      const { requests } = await stage.registered(balancer);
      demandEqual('CONFIG', messages.ofMethod(requests, 'CONFIG').length, 3);
    },
  }),
];
