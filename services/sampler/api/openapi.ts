/** The description of the HTTP interface (OpenAPI 3.1), made from the schemas that check requests and answers. */
import { z } from "zod";
import { sampleSchema } from "../sample.ts";
import { pageSchema, problemSchema, requestSchema, searchSchema } from "./schemas.ts";

const schemas = {
  Sample: sampleSchema,
  SamplePage: pageSchema,
  SampleRequest: requestSchema,
  Problem: problemSchema,
};

type Name = keyof typeof schemas;

export function openApi(url: string): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Livecue sampler",
      version: "1",
      description: "Samples made from links to videos: sound, waveform, tempo and key.",
    },
    servers: [{ url }],
    // A token is only required where the service's host is open to others, or its options have one.
    security: [{}, { token: [] }],
    paths: {
      "/samples": { get: listOperation(), post: requestOperation() },
      "/samples/{id}": {
        parameters: [idParameter],
        get: { operationId: "getSample", responses: { 200: json("Sample", "The sample."), ...problems } },
        delete: deleteOperation(),
      },
      "/samples/{id}/mp3": fileOperation("getMp3", "audio/mpeg", "The sound as MP3. Counts as a download."),
      "/samples/{id}/wav": fileOperation("getWav", "audio/wav", "The sound as WAV. Counts as a download."),
      "/samples/{id}/waveform.png": fileOperation("getWaveform", "image/png", "The picture of the waveform."),
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema, name as Name)]),
      ),
    },
  };
}

const idParameter = { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } };

const problems = { default: json("Problem", "What is wrong, and what to do.") };

function json(name: Name, description: string) {
  return { description, content: { "application/json": { schema: reference(name) } } };
}

function reference(name: Name) {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema that another one contains becomes a reference to it. */
function jsonSchemaOf(schema: z.ZodType, own: Name | null): object {
  const { $schema: _, ...found } = z.toJSONSchema(schema, {
    io: own === null ? "input" : "output",
    override: ({ zodSchema, jsonSchema }) => {
      const name = (Object.keys(schemas) as Name[]).find((each) => schemas[each] === zodSchema as unknown);
      if (name === undefined || name === own) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = reference(name).$ref;
    },
  });
  return found;
}

function listOperation() {
  return {
    operationId: "listSamples",
    parameters: Object.entries(searchSchema.shape).map(([name, schema]) => ({
      name,
      in: "query",
      required: false,
      schema: jsonSchemaOf(schema, null),
    })),
    responses: { 200: json("SamplePage", "A page of samples."), ...problems },
  };
}

function requestOperation() {
  return {
    operationId: "requestSample",
    security: [{ token: [] }],
    requestBody: { required: true, content: { "application/json": { schema: reference("SampleRequest") } } },
    responses: {
      200: json("Sample", "The sample is there already, or is being made."),
      202: json("Sample", "The sample is requested."),
      ...problems,
    },
  };
}

function deleteOperation() {
  return {
    operationId: "deleteSample",
    security: [{ token: [] }],
    responses: { 204: { description: "The sample and its files are deleted." }, ...problems },
  };
}

function fileOperation(operationId: string, contentType: string, description: string) {
  const content = { [contentType]: {} };
  const play = {
    name: "play",
    in: "query",
    required: false,
    description: "With any value, the file is for a player on a page: no download is counted.",
    schema: { type: "string" },
  };
  return {
    parameters: [idParameter],
    get: {
      operationId,
      description,
      parameters: contentType.startsWith("audio/") ? [play] : [],
      responses: {
        200: { description: "The whole file.", content },
        206: { description: "The range of the header Range.", content },
        302: { description: "The file is in a bucket: a link to it that works for some time." },
        304: { description: "The file is the one of the header If-None-Match." },
        ...problems,
      },
    },
  };
}
