import { render } from 'lit';
import { personAvatar } from '../../elements/avatar.ts';
import { mount, ok, until } from '../support/mount.ts';

const picture = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')}`;

describe('A picture of a person', () => {
  it('that cannot be had leaves the initials, until there is another one', async () => {
    const stage = mount('<div></div>');
    const show = (avatar: string): void => void render(personAvatar({ id: 'ada', name: 'Ada Lovelace', avatar }), stage);
    show('data:image/png;base64,broken');
    const image = stage.querySelector('img')!;
    image.loading = 'eager';
    await until(() => !image.hasAttribute('src'));
    ok(stage.textContent!.includes('AL'), 'the initials are there');
    show(picture);
    await until(() => image.complete && image.naturalWidth === 8);
    ok(!image.hidden, 'the new one is shown');
  });

  it('runs nothing, whatever its address says', async () => {
    const stage = mount('<div></div>');
    Object.assign(globalThis, { hasRun: false });
    render(personAvatar({ id: 'ada', name: 'Ada Lovelace', avatar: 'javascript:void(globalThis.hasRun = true)' }), stage);
    const image = stage.querySelector('img')!;
    image.loading = 'eager';
    await until(() => !image.hasAttribute('src'));
    ok(!(globalThis as unknown as { hasRun: boolean }).hasRun, 'nothing was run');
  });
});
