/**
 * ONNX Runtime 1.30 reports usage to its maker from Linux builds too. Nothing about anyone's video leaves the machine:
 * the runtime looks at this variable when its library is loaded, in the environment of the whole process, so it must
 * be set on the main thread before any lane starts.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
