#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A thousand nodes, simulated: what exchanges cost, and how long a change needs to every node. Octets and CPU are those that
# `make bench BENCH=fleet` measured of real exchanges; that nodes which hold the same come to the same is shown elsewhere,
# with the production code (tests/unit/fleet). So this has no claims: a node's branch is a count of its commits.
#
#   thousand.py [--nodes N] [--hubs N] [--poll S] [--changes PER_SECOND] [--minutes M] [--calm] [--tick] [--seed N]
#
# A node polls every `poll` seconds, give or take a quarter, and backs off to a minute while nothing is new. What it says it
# pushes at once, but not twice in a second. A hub does `cpus` exchanges at a time, the rest wait in line. With several hubs,
# nodes are shared out among them, and a relay at each exchanges with the first one every two seconds. 30 % of the nodes are
# cut off for three minutes, and the first hub is down for two; not so with --calm. With --tick a poll asks for one reference, and lists the rest
# only when that has moved: that is not what an agent does; it shows what a list costs.

import argparse
import heapq
import random
import statistics

# Octets of an exchange: of the list, and for each branch of it; of a fetch, and for each branch that came; of a push, which
# lists all branches again; of one reference. CPU in seconds: of the node's processes, and of the hub's git.
LIST, LISTED = 280, 70
FETCH, FETCHED = 500, 2100
PUSH, PUSHED = 620, 280
TICK = 283
NODE_LIST, NODE_LISTED, NODE_MORE, NODE_BRANCH = 0.027, 0.000025, 0.030, 0.003
HUB_LIST, HUB_LISTED, HUB_MORE, HUB_BRANCH, HUB_PUSHED = 0.003, 0.00001, 0.008, 0.0015, 0.035
ROUND_TRIP, RATE = 0.05, 12.5e6 # seconds; octets a second of a hub's line
MOST = 60
SAMPLED = 7 # of so many delays, one is kept
CUT, DOWN = (0.25, 180), (0.6, 120) # when, as a share of the time that there are changes; for how long


class Hub:
    def __init__(self, number, cpus):
        self.number, self.free = number, [0.0] * cpus
        self.have, self.version = {}, 0
        self.log = [] # nodes whose branches moved, in order
        self.requests = self.octets = 0
        self.cpu = self.line = self.longest = 0.0

    def serve(self, now, cpu, octets):
        """When the exchange is done."""
        begun = max(now, heapq.heappop(self.free))
        heapq.heappush(self.free, begun + cpu)
        self.line = max(self.line, begun) + octets / RATE
        done = max(begun + cpu, self.line)
        self.requests += 1
        self.cpu += cpu
        self.octets += octets
        self.longest = max(self.longest, done - now)
        return done + 3 * ROUND_TRIP


class Node:
    def __init__(self, number, hub, poll):
        self.number, self.hub, self.wait = number, hub, poll
        self.seen = 0 # of the hub's log
        self.said = self.pushed = 0
        self.busy = self.again = False
        self.octets = self.cpu = 0


class World:
    def __init__(self, given):
        self.given, self.dice = given, random.Random(given.seed)
        self.events, self.order, self.now = [], 0, 0.0
        self.hubs = [Hub(n, given.cpus) for n in range(given.hubs)]
        self.nodes = [Node(n, self.hubs[n % given.hubs], given.poll) for n in range(given.nodes)]
        self.span = given.minutes * 60
        self.when = {} # (node, count): when it was said
        self.delays, self.left = [], 0
        self.last = 0.0

    def at(self, when, do, *words):
        self.order += 1
        heapq.heappush(self.events, (when, self.order, do, words))

    def unreachable(self, number, hub):
        if self.given.calm:
            return False
        cut, down = self.span * CUT[0], self.span * DOWN[0]
        return (number % 10 < 3 and cut <= self.now < cut + CUT[1]) or (hub.number == 0 and down <= self.now < down + DOWN[1])

    def later(self, node, new):
        node.wait = self.given.poll if new else min(2 * node.wait, max(MOST, self.given.poll))
        node.busy = False
        if node.again:
            node.again = False
            self.at(self.now + 1, self.exchange, node)
        else:
            self.at(self.now + node.wait * self.dice.uniform(0.75, 1.25), self.poll, node)

    def poll(self, node):
        if not node.busy:
            self.exchange(node)

    def say(self, node):
        node.said += 1
        self.when[node.number, node.said] = self.now
        self.last = self.now
        if node.busy:
            node.again = True
        else:
            self.at(self.now + 0.2, self.exchange, node)

    def exchange(self, node):
        if node.busy:
            node.again = True
            return
        node.busy = True
        hub = node.hub
        if self.unreachable(node.number, hub):
            self.at(self.now + 1, self.later, node, False)
            return
        news = set(hub.log[node.seen:]) - {node.number}
        push = node.said > node.pushed
        branches = self.given.nodes
        if self.given.tick and not news and not push:
            octets, node_cpu, cpu = TICK, NODE_LIST, HUB_LIST
        else:
            octets = LIST + LISTED * branches + TICK * self.given.tick
            node_cpu, cpu = NODE_LIST + NODE_LISTED * branches, HUB_LIST + HUB_LISTED * branches
        batches = -(-len(news) // 16)
        octets += batches * FETCH + len(news) * FETCHED
        node_cpu += batches * NODE_MORE + len(news) * NODE_BRANCH
        cpu += batches * HUB_MORE + len(news) * HUB_BRANCH
        if push:
            octets += PUSH + PUSHED + LISTED * branches
            node_cpu += NODE_MORE
            cpu += HUB_PUSHED
        node.octets += octets
        node.cpu += node_cpu
        self.at(hub.serve(self.now, cpu, octets) + node_cpu, self.done, node, len(hub.log), node.said)

    def done(self, node, seen, said):
        new = False
        hub = node.hub
        for number, count in self.between(hub, node.seen, seen):
            if number != node.number:
                if self.left % SAMPLED == 0:
                    self.delays.append(self.now - self.when[number, count])
                self.left -= 1
                new = True
        node.seen = seen
        if said > node.pushed:
            self.moved(hub, node.number, node.pushed, said)
            node.pushed = said
            new = True
        self.later(node, new)

    @staticmethod
    def between(hub, begin, end):
        for place in range(begin, end):
            for count in hub.have[place]:
                yield hub.log[place], count

    @staticmethod
    def moved(hub, number, before, now):
        hub.have[len(hub.log)] = range(before + 1, now + 1)
        hub.log.append(number)

    def relay(self, site, seen_root, seen_site):
        """Between a site's hub and the first: each gives the other what came since."""
        root = self.hubs[0]
        if not self.unreachable(site.number, root):
            for here, there, begin in ((site, root, seen_site), (root, site, seen_root)):
                for place in range(begin, len(here.log)):
                    number = here.log[place]
                    owner = self.nodes[number].hub
                    if here is site and owner is site or here is root and owner is not site:
                        there.have[len(there.log)] = here.have[place]
                        there.log.append(number)
                if begin < len(here.log):
                    fetched = len(set(here.log[begin:]))
                    there.serve(self.now, HUB_MORE + fetched * HUB_BRANCH, PUSH + fetched * PUSHED)
            root.serve(self.now, HUB_LIST + HUB_LISTED * self.given.nodes, LIST + LISTED * self.given.nodes)
            seen_site, seen_root = len(site.log), len(root.log)
        self.at(self.now + self.dice.uniform(1.5, 2.5), self.relay, site, seen_root, seen_site)

    def run(self):
        given = self.given
        for node in self.nodes:
            self.at(self.dice.uniform(0, given.poll), self.poll, node)
        for site in self.hubs[1:]:
            self.at(self.dice.uniform(0, 2), self.relay, site, 0, 0)
        for _ in range(round(given.changes * self.span)):
            self.at(self.dice.uniform(30, 30 + self.span), self.say, self.dice.choice(self.nodes))
            self.left += given.nodes - 1
        while self.left and self.now < self.span + 3600:
            self.now, _, do, words = heapq.heappop(self.events)
            do(*words)
        return self.now

    def tell(self):
        ended, given = self.now, self.given
        delays = sorted(self.delays)
        print(f"{given.nodes} nodes, {given.hubs} hub{'s' * (given.hubs > 1)}, poll {given.poll:g} s{', tick' if given.tick else ''}{', calm' if given.calm else ''}, "
              f"{given.changes:g} changes/s for {given.minutes:g} min")
        print(f"  a change to a node: median {statistics.median(delays):.1f} s, 99 % {delays[int(len(delays) * 0.99)]:.0f}, "
              f"longest {delays[-1]:.0f} s; all had all {ended - self.last:.0f} s after the last change"
              + (f"; {self.left} NEVER came" if self.left else ""))
        for name, hubs in (("first hub", self.hubs[:1]), ("a site's hub", self.hubs[1:])):
            if hubs:
                print(f"  {name}: {sum(h.requests for h in hubs) / len(hubs) / ended:.1f} exchanges/s, "
                      f"{sum(h.octets for h in hubs) / len(hubs) / ended / 1e6:.2f} MB/s, {sum(h.cpu for h in hubs) / len(hubs) / ended:.2f} of a CPU, "
                      f"longest wait {max(h.longest for h in hubs):.1f} s")
        print(f"  a node: {sum(n.octets for n in self.nodes) / given.nodes / ended / 1e3:.2f} kB/s, "
              f"{sum(n.cpu for n in self.nodes) / given.nodes / ended * 1e3:.1f} ms of CPU a second", flush=True)
        return 1 if self.left else 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--nodes", type=int, default=1000)
    options.add_argument("--hubs", type=int, default=1)
    options.add_argument("--cpus", type=int, default=2)
    options.add_argument("--poll", type=float, default=10)
    options.add_argument("--changes", type=float, default=10)
    options.add_argument("--minutes", type=float, default=15)
    options.add_argument("--calm", action="store_true")
    options.add_argument("--tick", action="store_true")
    options.add_argument("--seed", type=int, default=1)
    world = World(options.parse_args())
    world.run()
    raise SystemExit(world.tell())


main()
