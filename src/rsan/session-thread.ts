import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import type { Reply, Request, TensorData } from './session-messages.ts';

/** Runs ONNX Runtime away from the main thread: `session.run` blocks the event loop that calls it. */

const sessions = new Map<number, ort.InferenceSession>();

async function answer(request: Request): Promise<{ value: Reply['value']; transfer: ArrayBuffer[] }> {
  switch (request.kind) {
    case 'load': {
      sessions.set(request.session, await ort.InferenceSession.create(request.path, request.options));
      return { value: null, transfer: [] };
    }
    case 'run': {
      const session = sessions.get(request.session);
      if (!session) throw new Error(`no session ${request.session}`);
      const feeds = Object.fromEntries(
        Object.entries(request.feeds).map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]),
      );
      const results = await session.run(feeds);
      const value: Record<string, TensorData> = {};
      const transfer: ArrayBuffer[] = [];
      for (const [name, tensor] of Object.entries(results)) {
        // A copy: the runtime owns the memory of its outputs, which cannot be handed to another thread.
        const data = (tensor.data as Float32Array).slice();
        value[name] = { dtype: 'float32', data, shape: [...tensor.dims] };
        transfer.push(data.buffer);
      }
      return { value, transfer };
    }
    case 'release': {
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return { value: null, transfer: [] };
    }
  }
}

parentPort!.on('message', async (request: Request) => {
  try {
    const { value, transfer } = await answer(request);
    parentPort!.postMessage({ id: request.id, value } satisfies Reply, transfer);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort!.postMessage({ id: request.id, value: null, error: message } satisfies Reply);
  }
});
