import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Log } from './log.ts';

/** Prefixes of 96 bits under which IPv6 carries IPv4 addresses: mapped (a socket for both), translated, and NAT64. */
const ipv4Prefixes = ['0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '64:ff9b:0:0:0:0'];

/**
 * Whose requests count together. IPv6 counts by /64, because that much everybody gets; IPv4 that comes as IPv6 counts as
 * IPv4, or all of it would be one.
 *
 * What comes from a network of one's own (loopback, private, link-local) does not count: that is a proxy or a load
 * balancer, and everybody behind it would share what one address may do.
 */
export class ClientAddresses {
  readonly #trustedProxies: number;
  readonly #log: Log;
  readonly #ownNetworks = ownNetworks();
  #hasWarned = false;

  /** `trustedProxies` stand in front of this server, and each adds to `X-Forwarded-For` whom it has heard. */
  constructor(trustedProxies: number, log: Log) {
    this.#trustedProxies = trustedProxies;
    this.#log = log;
  }

  /** A key for limits; undefined where there is none to be kept. */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined {
    const address = this.#forwardedFor(headers['x-forwarded-for']) ?? parseAddress(socket.remoteAddress ?? '');
    return address === undefined || this.#ownNetworks.check(address.whole, address.family) ? undefined : address.key;
  }

  /** Counted from the right: what stands further left than the trusted proxies have written, anybody may have made up. */
  #forwardedFor(header: string | string[] | undefined): Address | undefined {
    if (header === undefined) return undefined;
    if (this.#trustedProxies > 0) return parseAddress(String(header).split(',').at(-this.#trustedProxies) ?? '');
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#log.warn(
        'X-Forwarded-For came and was not read. If a proxy stands in front of this server, say how many do in CHATTER_TRUSTED_PROXIES: ' +
        'without it all people behind a proxy count as one address, or none.',
      );
    }
    return undefined;
  }
}

interface Address {
  family: 'ipv4' | 'ipv6';
  whole: string;
  key: string;
}

/** An address as sockets and proxies write it: perhaps in brackets, with a port or with a zone. Anything else is none. */
function parseAddress(text: string): Address | undefined {
  const [, bracketed, beforePort] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text.trim()) ?? [];
  const bare = bracketed ?? beforePort ?? text.trim();
  if (isIPv4(bare)) return { family: 'ipv4', whole: bare, key: bare };
  return isIPv6(bare) ? ofGroups(groupsOf(bare.split('%', 1)[0]!)) : undefined;
}

function ofGroups(groups: readonly number[]): Address {
  const written = groups.map((group) => group.toString(16));
  if (ipv4Prefixes.includes(written.slice(0, 6).join(':'))) {
    const ipv4 = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]).join('.');
    return { family: 'ipv4', whole: ipv4, key: ipv4 };
  }
  return { family: 'ipv6', whole: written.join(':'), key: `${written.slice(0, 4).join(':')}::/64` };
}

/** The eight groups of an IPv6 address, however it is written. */
function groupsOf(ipv6: string): number[] {
  const [left, right] = ipv6.split('::').map((side) => side.split(':').filter((part) => part !== '').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a, b, c, d] = part.split('.').map(Number) as [number, number, number, number];
    return [a * 256 + b, c * 256 + d];
  })) as [number[], number[]?];
  return right === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function ownNetworks(): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of [
    ['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16], ['100.64.0.0', 10],
  ] as const) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of [['::1', 128], ['fc00::', 7], ['fe80::', 10]] as const) list.addSubnet(network, prefix, 'ipv6');
  return list;
}
