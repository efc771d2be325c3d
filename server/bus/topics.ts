/** Rooms and people are spread over this many topics, so that a broker of many machines can share the work. */
const partitions = 256;

/** The topic of what belongs to a room or a person of a tenant. */
export function topicOf(tenant: string, id: string): string {
  return nameOf(hash(`${tenant}\u0000${id}`) % partitions);
}

/**
 * Every node listens to all of them: the people on a node are in so many rooms together that nearly each partition holds
 * one of theirs, and a list has to move whether its rooms are open or not.
 */
export const allTopics: readonly string[] = Array.from({ length: partitions }, (_, partition) => nameOf(partition));

function nameOf(partition: number): string {
  return String(partition);
}

/** FNV-1a over UTF-16 units: spreads well, and every node of every version must get the same. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
