export { type IoredisLike, type NodeRedisLike, type RedisLike, redisTokenStore } from './redis-store.js';
