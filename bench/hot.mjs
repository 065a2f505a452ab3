import { contenders } from './contenders/index.mjs';
import { startOrigin } from './origin/start.mjs';
import { requestToken } from './contenders/token-request.mjs';
import { median } from './rounds.mjs';
const client = process.argv[2]; const only = process.argv[3]; const rounds=+(process.env.R??60);
const origin = await startOrigin();
const { token } = await requestToken(origin.address);
const cs = contenders.filter(c=>c.client===client && ['by hand','static+id','ours','bare'].includes(c.part) && (!only || c.part===only));
const opened = new Map();
async function time(get,ms){ for(let i=0;i<50;i++) await get(origin.banksUrl); const s=performance.now(); const u=process.cpuUsage(); let n=0; do { for(let i=0;i<100;i++) await get(origin.banksUrl); n+=100 } while(performance.now()-s<ms); const c=process.cpuUsage(u); return [(c.user+c.system)/n,(performance.now()-s)*1000/n]; }
for (const c of cs) { const calls = await c.open({address:origin.address,stub:true,token}); opened.set(c.name,calls); await time(calls.get,only?4000:400); }
if(!only){ const t=new Map(cs.map(c=>[c.name,[]]));
for(let r=0;r<rounds;r++) for(const c of (r%2?cs:cs.toReversed())) t.get(c.name).push(await time(opened.get(c.name).get,20));
const ours=t.get(cs.find(c=>c.part==='ours').name);
for(const c of cs){const v=t.get(c.name);console.log(client,c.part.padEnd(10),'cpu µs',median(v.map(x=>x[0])).toFixed(2),'ours× cpu',median(v.map((x,i)=>x[0]/ours[i][0])).toFixed(3),'wall',median(v.map((x,i)=>x[1]/ours[i][1])).toFixed(3))}}
origin.close();process.exit();
