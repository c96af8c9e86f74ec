// Shows the message of example.model, and each new message when the model changes.
import { byId, Gateway, showText, start } from './shared/gateway.js';

async function run() {
  const gateway = new Gateway();
  const model = await gateway.load('example.model', (why) => {
    showText(byId('placeholder'), `There is no message yet: ${why}`);
  });
  showText(byId('placeholder'), '');
  const show = () => showText(byId('message'), model.message);
  model.on('change', show);
  show();
}

start(run, byId('failure'));
