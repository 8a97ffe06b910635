type Texts = string[] | null;
type TextMap = Record<string, string> | null;

/** A container as `docker inspect` shows it, as far as drift reads it. */
export interface ContainerInfo {
  Id: string;
  Name: string;
  Image: string;
  State: {
    Running: boolean;
    Paused: boolean;
    Status: string;
    /** ISO 8601, of the last start. */
    StartedAt: string;
    Health?: { Status: string };
  };
  Config: {
    User: string;
    Cmd: Texts;
    Entrypoint: Texts | string;
    Env: Texts;
    Labels: TextMap;
    Healthcheck?: { Test?: Texts };
    StopSignal?: string;
    StopTimeout?: number;
  };
  HostConfig: {
    Memory: number;
    MemorySwap: number;
    NanoCpus: number;
    RestartPolicy?: { Name: string };
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    CapAdd?: Texts;
    CapDrop?: Texts;
    SecurityOpt?: Texts;
    Mounts?: { Source: string; Target: string; ReadOnly?: boolean }[] | null;
    Binds?: Texts;
    Tmpfs?: TextMap;
    ShmSize: number;
    NetworkMode?: string;
    /** `host`, or empty for a namespace of its own. */
    PidMode?: string;
    PortBindings?: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    LogConfig?: { Type: string; Config: TextMap };
  };
  NetworkSettings: { Networks: Record<string, { Aliases?: Texts }> };
}

/** The inputs of a `docker.Container`, as far as drift compares them; sizes in mebibytes. */
export interface ContainerInputs {
  name?: string;
  image?: string;
  memory?: number;
  memorySwap?: number;
  cpus?: string;
  restart?: string;
  user?: string;
  readOnly?: boolean;
  privileged?: boolean;
  capabilities?: { adds?: string[]; drops?: string[] };
  securityOpts?: string[];
  command?: string[];
  entrypoints?: string[];
  mounts?: { source: string; target: string; readOnly?: boolean }[];
  volumes?: { volumeName?: string; hostPath?: string; containerPath: string; readOnly?: boolean }[];
  tmpfs?: Record<string, string>;
  shmSize?: number;
  ports?: { ip?: string; external: number; internal: number; protocol?: string }[];
  networkMode?: string;
  pidMode?: string;
  healthcheck?: { tests: string[] };
  logDriver?: string;
  logOpts?: Record<string, string>;
  stopSignal?: string;
  stopTimeout?: number;
  labels?: { label: string; value: string }[];
  envs?: string[];
  networksAdvanced?: { name: string; aliases?: string[] }[];
}
