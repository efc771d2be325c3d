import type { Fact } from '#protocol/models';

/** Ids of the people that `facts` name, each once. */
export function idsIn(facts: readonly Fact[]): string[] {
  return [...new Set(facts.flatMap(idsOf))];
}

function idsOf(fact: Fact): string[] {
  switch (fact.kind) {
    case 'message':
      return [fact.message.senderId];
    case 'member':
      return [fact.member.userId];
    case 'room':
      return [];
  }
}
