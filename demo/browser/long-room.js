const progress = document.getElementById('progress');
const state = document.getElementById('state');

try {
  const response = await fetch('/demo/long-room', { method: 'POST' });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n');
    rest = lines.pop();
    for (const line of lines) tell(JSON.parse(line));
  }
} catch {
  state.textContent = 'The room could not be made. Reload the page to go on where it stopped.';
}

/** The server tells how many messages there are, and at the end in which room. */
function tell({ messages, room }) {
  progress.value = messages;
  state.textContent = `${messages.toLocaleString('en')} messages`;
  if (room === undefined) return;
  progress.hidden = true;
  document.querySelector('chatter-room').setAttribute('room', room);
}
