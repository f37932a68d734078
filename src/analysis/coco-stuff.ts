/**
 * The 171 names of COCO-Stuff (Caesar, Uijlings, Ferrari, CVPR 2018) in the order and spelling in which the published
 * model was trained on them: "wall-brick" is a name it knows.
 */
export const COCO_THINGS: readonly string[] = names(`
  person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
  stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
  backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat,
  baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon,
  bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake, chair, couch,
  potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard, cell phone, microwave,
  oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, hair drier, toothbrush
`);

export const COCO_STUFF: readonly string[] = names(`
  banner, blanket, branch, bridge, building-other, bush, cabinet, cage, cardboard, carpet, ceiling-other,
  ceiling-tile, cloth, clothes, clouds, counter, cupboard, curtain, desk-stuff, dirt, door-stuff, fence,
  floor-marble, floor-other, floor-stone, floor-tile, floor-wood, flower, fog, food-other, fruit,
  furniture-other, grass, gravel, ground-other, hill, house, leaves, light, mat, metal, mirror-stuff,
  moss, mountain, mud, napkin, net, paper, pavement, pillow, plant-other, plastic, platform,
  playingfield, railing, railroad, river, road, rock, roof, rug, salad, sand, sea, shelf, sky-other,
  skyscraper, snow, solid-other, stairs, stone, straw, structural-other, table, tent, textile-other,
  towel, tree, vegetable, wall-brick, wall-concrete, wall-other, wall-panel, wall-stone, wall-tile,
  wall-wood, water-other, waterdrops, window-blind, window-other, wood
`);

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
