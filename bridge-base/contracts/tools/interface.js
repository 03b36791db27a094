// Writes ABI and storage layout of the three contracts into `abi/`; `--check` says whether these are what the sources
// give. Also refuses a public function, event or error of ours without a notice.
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const contracts = ['NeuroToken', 'BeefyClient', 'NeuroGateway'];
const wrong = [];

for (const name of contracts) {
  const artifact = JSON.parse(fs.readFileSync(path.join(root, `out/${name}.sol/${name}.json`), 'utf8'));
  const types = artifact.storageLayout.types ?? {};
  const storage = artifact.storageLayout.storage.map(({ label, slot, offset, type }) => ({
    slot: Number(slot),
    offset,
    bytes: Number(types[type].numberOfBytes),
    label,
    type: types[type].label,
  }));
  for (const [kind, value] of [['abi', artifact.abi], ['storage', storage]]) {
    const file = path.join(root, 'abi', `${name}.${kind}.json`);
    const text = `${JSON.stringify(value, null, 2)}\n`;
    if (!process.argv.includes('--check')) fs.writeFileSync(file, text);
    else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) wrong.push(`abi/${name}.${kind}.json is old`);
  }
}

// Every declaration that others can see is preceded by a comment of three strokes.
const visible = /^ {4}(?:function \w+\([^{;]*\)[^{;]*\b(?:external|public)\b|constructor\(|event |error |struct |\w[^(;=]* public )/;
const sources = fs.readdirSync(path.join(root, 'src'), { recursive: true }).filter((f) => f.endsWith('.sol'));
for (const file of sources) {
  const lines = fs.readFileSync(path.join(root, 'src', file), 'utf8').split('\n');
  lines.forEach((line, i) => {
    const declaration = lines.slice(i, i + 8).join(' ').replace(/ {5,}/g, ' ').replace(/^ *(?=\S)/, '    ');
    if (!/^ {4}\S/.test(line) || !visible.test(declaration)) return;
    if (/^ {4}constructor/.test(line) && lines.slice(0, i).some((l) => /^abstract contract/.test(l))) return;
    if (!/^ {4}\/\/\//.test(lines[i - 1])) wrong.push(`src/${file}:${i + 1} has no notice`);
  });
}

wrong.forEach((line) => console.error(line));
process.exitCode = wrong.length ? 1 : 0;
