import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import type { Reply, Request, TensorData } from './session-messages.ts';

/**
 * Runs ONNX Runtime away from the main thread, as a worker thread or as a child process: `session.run` blocks the
 * event loop that calls it. Requests are answered one after the other.
 */

const sessions = new Map<number, ort.InferenceSession>();

async function answer(request: Request): Promise<Record<string, TensorData>> {
  switch (request.kind) {
    case 'load': {
      const { provider, threads } = request.options;
      const session = await ort.InferenceSession.create(request.path, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
        // Idle threads sleep: the cores they would spin on are wanted by ffmpeg and by naming.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        // Warnings of the runtime's own optimiser are no news to a user.
        logSeverityLevel: 3,
      });
      sessions.set(request.session, session);
      return {};
    }
    case 'run': {
      const session = sessions.get(request.session);
      if (!session) throw new Error(`there is no session ${request.session}`);
      const feeds = Object.entries(request.feeds).map(([name, { dtype, data, shape }]) => [
        name,
        new ort.Tensor(dtype, data, shape),
      ]);
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => {
          const shape = [...tensor.dims];
          // Copies: memory that the runtime owns cannot be handed to another thread.
          if (tensor.data instanceof Float32Array)
            return [name, { dtype: 'float32', data: new Float32Array(tensor.data), shape }];
          if (tensor.data instanceof Uint8Array)
            return [name, { dtype: 'uint8', data: new Uint8Array(tensor.data), shape }];
          throw new Error(`output ${name} is ${tensor.type}`);
        }),
      );
    }
    case 'release': {
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return {};
    }
  }
}

async function handle(request: Request): Promise<void> {
  let reply: Reply;
  try {
    reply = { id: request.id, value: await answer(request) };
  } catch (error) {
    reply = { id: request.id, value: {}, error: error instanceof Error ? error.message : String(error) };
  }
  if (parentPort)
    parentPort.postMessage(
      reply,
      Object.values(reply.value).map(({ data }) => data.buffer),
    );
  else process.send!(reply);
}

let queue = Promise.resolve();
const enqueue = (request: Request) => {
  queue = queue.then(() => handle(request));
};
if (parentPort) {
  parentPort.on('message', enqueue);
} else {
  process.on('message', enqueue);
  // Without its parent a child has nothing to do; a signal meant for the group is the parent's to handle.
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {});
}
