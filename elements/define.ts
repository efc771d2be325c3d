import { ChatterChat } from './chatter-chat.ts';
import { ChatterConnection } from './chatter-connection.ts';
import { ChatterNewRoom } from './chatter-new-room.ts';
import { ChatterRoom } from './chatter-room.ts';
import { ChatterRoomList } from './chatter-room-list.ts';
import { ChatterStatus } from './chatter-status.ts';

// The one module with a side effect: it registers every tag. What provides goes before what asks.
for (const element of [ChatterConnection, ChatterChat, ChatterStatus, ChatterNewRoom, ChatterRoomList, ChatterRoom]) element.define();

export * from './index.ts';
