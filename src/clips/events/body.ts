import type { Delivery } from './deliveries.ts';

type Message = Pick<Delivery, 'event' | 'number' | 'type' | 'made' | 'view'>;

/** The same for each try and each receiver: the event, and which of its messages it is. */
export const messageIdOf = ({ event, number }: Message): string => `${event}-${number}`;

/** What a webhook is told. */
export const webhookBodyOf = ({ type, made, view }: Message): string =>
  JSON.stringify({ type, timestamp: new Date(made).toISOString(), data: JSON.parse(view) });

/** What is told by MQTT: the same, with the id that a webhook has in its headers. */
export const mqttPayloadOf = (message: Message): string => {
  const { type, made, view } = message;
  const timestamp = new Date(made).toISOString();
  return JSON.stringify({ id: messageIdOf(message), type, timestamp, data: JSON.parse(view) });
};
