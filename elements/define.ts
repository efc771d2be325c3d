import { ChatterChat } from './chatter-chat.ts';
import { ChatterComposer } from './chatter-composer.ts';
import { ChatterConnection } from './chatter-connection.ts';
import { ChatterMessageList } from './chatter-message-list.ts';
import { ChatterNewRoom } from './chatter-new-room.ts';
import { ChatterPeoplePicker } from './chatter-people-picker.ts';
import { ChatterRoom } from './chatter-room.ts';
import { ChatterRoomDetails } from './chatter-room-details.ts';
import { ChatterRoomList } from './chatter-room-list.ts';
import { ChatterStatus } from './chatter-status.ts';

// The one module with a side effect: it registers every tag. What provides goes before what asks.
const elements = [
  ChatterConnection, ChatterChat, ChatterStatus, ChatterNewRoom, ChatterPeoplePicker, ChatterRoomList,
  ChatterRoom, ChatterRoomDetails, ChatterMessageList, ChatterComposer,
];
for (const element of elements) element.define();

export * from './index.ts';
