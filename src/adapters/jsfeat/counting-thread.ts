import { parentPort } from 'node:worker_threads';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { mustHave } from '../../domain/must-have.ts';
import { loadFaces } from './face-core.ts';

const starter = mustHave(parentPort, 'thread that started this one');
const facesOf = loadFaces();
starter.on('message', (picture: GreyPicture) => starter.postMessage(facesOf(picture)));
