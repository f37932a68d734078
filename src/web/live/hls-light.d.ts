/** The player without subtitles, copy protection and second sound tracks, which no camera has. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
