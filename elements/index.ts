/**
 * Everything of Chatter that a page can use from code: the elements' classes, their events, the headless client, and types.
 * Importing it registers nothing, and works without a DOM; `define.ts` registers the tags.
 */
export * from './chatter-chat.ts';
export * from './chatter-composer.ts';
export * from './chatter-connection.ts';
export * from './chatter-message-list.ts';
export * from './chatter-new-room.ts';
export * from './chatter-people-picker.ts';
export * from './chatter-room.ts';
export * from './chatter-room-details.ts';
export * from './chatter-room-list.ts';
export * from './chatter-status.ts';
export * from './context.ts';
export * from './element.ts';
export * from './events.ts';
export type * from './frameworks.ts';
export { ChatClient, type ConnectionState, type TokenProvider } from './client/chat-client.ts';
export type { Room, RoomState, TimelineMessage } from './client/room.ts';
export type { RoomList } from './client/room-list.ts';
export type { Strings } from './strings.ts';
export type { Fact, Member, Message, Person, RoomKind, RoomSummary } from '#protocol/models';
