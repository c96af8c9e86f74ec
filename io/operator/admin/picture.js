// The picture of the wiring, with figures of what the nodes do and what the edges carry. The picture was laid out when
// the gateway was built. This file finds the nodes and edges of the picture by their ids, and puts numbers on them.
import { formats } from '/graph/table.js';

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 15;
const RATE_HEIGHT = 12;
const RATE_WIDTH = 44; // usual width of the text of a rate

class Node {
  // Puts the numbers into `layer`, which is drawn above everything else.
  constructor(group, layer) {
    this.group = group;
    this.box = group.getBBox();
    this.middle = this.box.x + this.box.width / 2;
    this.bottom = this.box.y + this.box.height;
    this.badge = document.createElementNS(SVG, 'g');
    this.badge.classList.add('badge');
    this.badge.id = group.id.replace('node-', 'load-');
    this.rect = document.createElementNS(SVG, 'rect');
    this.text = document.createElementNS(SVG, 'text');
    this.rect.setAttribute('height', HEIGHT);
    this.rect.setAttribute('rx', 4);
    this.rect.setAttribute('y', this.bottom - 3);
    this.text.setAttribute('x', this.middle);
    this.text.setAttribute('y', this.bottom + 8);
    this.badge.append(this.rect, this.text);
    layer.append(this.badge);
  }

  // Returns about where the numbers of this node will be.
  badgeBox() {
    return { x: this.middle - 55, y: this.bottom - 3, width: 110, height: HEIGHT };
  }

  show({ rate, share, waiting, failures }) {
    const lost = failures > 0 ? ` · ${formats.number(failures)} lost` : '';
    this.text.textContent = `${formats.rate(rate)}/s · ${(100 * share).toFixed(1)} % · ${formats.number(waiting)} wait${lost}`;
    this.badge.classList.toggle('waits', waiting > 0 || failures > 0);
    const width = this.text.getComputedTextLength() + 12;
    this.rect.setAttribute('width', width);
    this.rect.setAttribute('x', this.middle - width / 2);
    this.group.dataset.share = share.toFixed(4);
    this.group.style.setProperty('--share', Math.min(1, share).toFixed(4));
    this.group.style.setProperty('--width', (1 + Math.log10(1 + rate)).toFixed(2));
  }
}

// Returns the smallest box that contains all boxes.
function around(boxes) {
  const [x, y] = ['x', 'y'].map((side) => Math.min(...boxes.map((box) => box[side])));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

class Edge {
  constructor(group, layer) {
    this.group = group;
    // The least width of the line. Edges from and to the outside have 2.
    this.least = group.querySelector('path[stroke-width="2"]') ? 2 : 1;
    this.label = around([...group.querySelectorAll('text')].map((text) => text.getBBox()));
    this.badge = document.createElementNS(SVG, 'g');
    this.badge.id = group.id.replace('edge-', 'rate-');
    this.badge.setAttribute('class', `rate ${group.getAttribute('class').replace('edge ', '')}`);
    this.rect = document.createElementNS(SVG, 'rect');
    this.text = document.createElementNS(SVG, 'text');
    this.rect.setAttribute('height', RATE_HEIGHT);
    this.rect.setAttribute('rx', 4);
    this.badge.append(this.rect, this.text);
    layer.append(this.badge);
  }

  // Puts the rate below the label, to the right of it, or above it: the first place that no box of `taken` overlaps.
  place(taken) {
    const { x, y, width, height } = this.label;
    const middle = x + (width - RATE_WIDTH) / 2;
    const places = [
      [middle, y + height],
      [x + width + 2, y + (height - RATE_HEIGHT) / 2],
      [middle, y - RATE_HEIGHT],
    ].map(([left, top]) => ({ x: left, y: top, width: RATE_WIDTH, height: RATE_HEIGHT }));
    const place = places.find((candidate) => !taken.some((box) => overlap(box, candidate))) ?? places[0];
    taken.push(place);
    this.middle = place.x + RATE_WIDTH / 2;
    this.rect.setAttribute('y', place.y);
    this.text.setAttribute('x', this.middle);
    this.text.setAttribute('y', place.y + RATE_HEIGHT - 3);
  }

  show(rate) {
    this.text.textContent = `${formats.rate(rate)}/s`;
    const width = this.text.getComputedTextLength() + 8;
    this.rect.setAttribute('width', width);
    this.rect.setAttribute('x', this.middle - width / 2);
    for (const element of [this.group, this.badge]) element.classList.toggle('idle', rate === 0);
    this.group.style.setProperty('--width', (this.least + Math.log10(1 + rate)).toFixed(2));
  }
}

const idOf = (from, port, to) => `${from} ${port} ${to}`.replace(/[^A-Za-z0-9]/g, '-');

export class Picture {
  constructor(root) {
    this.root = root;
    this.nodes = new Map();
    this.edges = new Map();
  }

  async load() {
    if (this.nodes.size > 0) return;
    const response = await fetch('/graph/wiring.svg');
    if (!response.ok) throw new Error(`the picture: ${response.status}`);
    const parsed = new DOMParser().parseFromString(await response.text(), 'image/svg+xml');
    const svg = document.importNode(parsed.documentElement, true);
    svg.removeAttribute('width');
    svg.removeAttribute('height');
    this.root.replaceChildren(svg);
    const layer = svg.querySelector('g.graph').appendChild(document.createElementNS(SVG, 'g'));
    for (const group of svg.querySelectorAll('g.node:not(.node-of-world)')) {
      this.nodes.set(group.id.replace('node-', ''), new Node(group, layer));
    }
    for (const group of svg.querySelectorAll('g.edge')) {
      this.edges.set(group.id.replace('edge-', ''), new Edge(group, layer));
    }
    const edges = [...this.edges.values()];
    const taken = [...this.nodes.values()].flatMap((node) => [node.box, node.badgeBox()]).concat(edges.map(({ label }) => label));
    for (const edge of edges) edge.place(taken);
  }

  // Shows what the nodes and edges did between the figures `before` and `now`: in the lane `lane`, or in all lanes if
  // `lane` is undefined.
  show(now, before, lane) {
    const seconds = before ? now.time - before.time : 0;
    const key = (node) => `${node.name} ${node.lane}`;
    const then = new Map(before?.nodes.map((node) => [key(node), node]));
    const sums = new Map();
    for (const node of now.nodes) {
      if (lane !== undefined && node.lane !== lane) continue;
      const sum = sums.get(node.name) ?? { rate: 0, share: 0, waiting: 0, failures: 0, lanes: 0 };
      const earlier = then.get(key(node));
      if (earlier && seconds > 0) {
        sum.rate += (node.messages - earlier.messages) / seconds;
        sum.share += (node.seconds - earlier.seconds) / seconds;
      }
      sum.waiting += node.waiting;
      sum.failures += node.failures;
      sum.lanes += 1;
      sums.set(node.name, sum);
    }
    for (const [name, sum] of sums) this.nodes.get(name)?.show({ ...sum, share: sum.share / sum.lanes });
    this.#showEdges(now, before, lane, seconds);
  }

  // The outside is in the picture twice: as the source of what comes in, and, with the name `to ...`, as the receiver
  // of what goes out.
  #showEdges(now, before, lane, seconds) {
    const count = ({ messages }) => (lane === undefined ? messages.reduce((sum, one) => sum + one, 0) : messages[lane]);
    now.edges.forEach((edge, n) => {
      const { from, port, to } = edge;
      const drawn = this.edges.get(idOf(from, port, to)) ?? this.edges.get(idOf(from, port, `to ${to}`));
      drawn?.show(seconds > 0 ? (count(edge) - count(before.edges[n])) / seconds : 0);
    });
  }
}
