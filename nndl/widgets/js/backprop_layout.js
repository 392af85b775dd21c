/*
backprop_layout.js: where the nodes of a graph stand and how its edges run, as nndl/plots/graphs.py
does it. In units: 2 from column to column, 1.5 from row to row, 0.75 between edges of one node.
*/
const STEP_ACROSS = 2, STEP_DOWN = 1.5, LANE = 0.75;

// nodes as read_formula gives them; the end of the output is number nodes.length.
// Returns places [[along, across], ...] and edges [{from, to, operand, path}]: corners from start to
// end, of which 1 and 2 bound a straight part for the label.
export function layOut(nodes) {
  const end = nodes.length, depth = Array(end + 1).fill(0), edges = [];
  nodes.forEach(({ sources = [] }, to) => {
    if (sources.length) depth[to] = 1 + Math.max(...sources.map((source) => depth[source]));
    sources.forEach((from, operand) => edges.push({ from, to, operand, part: (operand + 0.5) / sources.length }));
  });
  nodes.forEach(({ sources }, leaf) => { if (!sources) depth[leaf] = Math.min(...edges.filter(({ from }) => from === leaf).map(({ to }) => depth[to])) - 1; });
  depth[end] = depth[end - 1] + 1;
  edges.push({ from: end - 1, to: end, operand: 0, part: 0.5 });
  // an edge over several columns has a stop in each that it crosses, so that it has room there
  const spots = depth.map((column, node) => ({ column, node, next: [] }));
  for (const edge of edges) {
    edge.stops = [];
    for (let column = depth[edge.from] + 1; column < depth[edge.to]; column++) edge.stops.push({ column, next: [] });
    spots.push(...edge.stops);
    const chain = [spots[edge.from], ...edge.stops, spots[edge.to]];
    edge.first = chain[1];
    for (let i = 0; i + 1 < chain.length; i++) chain[i].next.push([chain[i + 1], i + 2 === chain.length ? edge.part : 0.5]);
  }
  Object.assign(spots[end], { rank: 0, across: 0 });
  for (let column = depth[end] - 1; column >= 0; column--) {
    const members = spots.filter((spot) => spot.column === column && spot.node !== end);
    for (const spot of members) spot.weight = spot.next.reduce((sum, [there, part]) => sum + there.rank + part, 0) / spot.next.length;
    members.sort((a, b) => a.weight - b.weight);
    members.forEach((spot, place) => { spot.rank = place; spot.across = (place - (members.length - 1) / 2) * STEP_DOWN; });
  }
  const at = (spot) => [STEP_ACROSS * spot.column, spot.across];
  for (let node = 0; node < end; node++) {
    const leaving = edges.filter(({ from }) => from === node).sort((a, b) => a.first.across - b.first.across || a.operand - b.operand);
    const start = spots[node].across, to = leaving.map(({ first }) => first.across), last = leaving.length - 1;
    let first = -last / 2;
    if (to[0] >= start && to[last] > start) first = 0;
    else if (to[last] <= start && to[0] < start) first = -last;
    leaving.forEach((edge, i) => {
      const lane = start + (first + i) * LANE, [along] = at(spots[node]);
      edge.path = [at(spots[node]), [along + 0.45, lane], [along + STEP_ACROSS - 0.5, lane], ...edge.stops.map(at), at(spots[edge.to])];
    });
  }
  return { places: spots.slice(0, end + 1).map(at), edges: edges.map(({ from, to, operand, path }) => ({ from, to, operand, path })) };
}
