import { useEffect, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { text } from '../../words/current.ts';
import { actionOf, type KeyAction, keepKeys, keyActions } from './keys.ts';

interface KeysDialogProps {
  readonly keys: Readonly<Record<KeyAction, string>>;
  readonly onChange: (keys: Readonly<Record<KeyAction, string>>) => void;
  readonly onClose: () => void;
}

/** Every key with what it does. Each can be changed; the browser's own combinations stay the browser's. */
export function KeysDialog({ keys, onChange, onClose }: KeysDialogProps) {
  const [asking, setAsking] = useState<KeyAction | null>(null);
  const [taken, setTaken] = useState<KeyAction | null>(null);
  useEffect(() => {
    if (asking === null) return;
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
      event.preventDefault();
      event.stopPropagation();
      const other = actionOf(event.key, keys);
      setAsking(null);
      if (other !== undefined && other !== asking) return setTaken(other);
      setTaken(null);
      const next = { ...keys, [asking]: event.key.toLowerCase() };
      keepKeys(next);
      onChange(next);
    };
    addEventListener('keydown', heard, { capture: true });
    return () => removeEventListener('keydown', heard, { capture: true });
  }, [asking, keys, onChange]);
  return (
    <Dialog title={text('keysTitle')} onClose={onClose} wide>
      <p className="quiet">{text('keysLead')}</p>
      <div role="status">{taken !== null && <p>{text('keyTaken', { what: text(`key_${taken}`) })}</p>}</div>
      <table>
        <tbody>
          {(Object.keys(keyActions) as KeyAction[]).map((action) => (
            <tr key={action}>
              <th scope="row">{text(`key_${action}`)}</th>
              <td>
                <Button
                  small
                  aria-label={text('keyOf', { what: text(`key_${action}`), key: keys[action] })}
                  onPress={() => setAsking(action)}
                >
                  {asking === action ? text('keyPress') : <kbd>{keys[action].toUpperCase()}</kbd>}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <Button
          onPress={() => {
            keepKeys(null);
            onChange(keyActions);
          }}
        >
          {text('keysReset')}
        </Button>
        <Button tone="primary" onPress={onClose}>
          {text('close')}
        </Button>
      </div>
    </Dialog>
  );
}
