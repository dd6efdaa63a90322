// Draws the flow map. Data comes in data-flows; colors come from the style sheet.

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colour = (rank) => css(rank === null ? "--line-strong" : `--grade-${Math.min(rank, 5)}`);
let chart = null;

function options(data) {
  const labels = new Map(data.nodes.map((node) => [node.name, node.label]));
  const text = css("--text");
  return {
    animation: false,
    aria: { enabled: false },
    // Rich text draws on the canvas; HTML tooltips would need inline styles.
    tooltip: {
      renderMode: "richText", backgroundColor: css("--surface"), borderColor: css("--line-strong"), textStyle: { color: text, fontSize: 12 },
      formatter: ({ dataType, data: each, name, value }) => dataType === "edge"
        ? `${labels.get(each.source)} → ${labels.get(each.target)}\n${each.grade}  ${each.value.toLocaleString()}`
        : `${labels.get(name)}  ${Number(value).toLocaleString()}`,
    },
    series: [{
      type: "sankey", left: 8, right: 190, top: 12, bottom: 12, nodeGap: 10, nodeWidth: 14, draggable: false, layoutIterations: 48,
      emphasis: { focus: "adjacency" },
      labelLayout: { hideOverlap: true },
      label: { color: text, fontSize: 12, formatter: ({ name }) => labels.get(name), width: 180, overflow: "truncate" },
      itemStyle: { color: css("--accent"), borderWidth: 0 },
      data: data.nodes.map(({ name, depth }) => ({ name, depth })),
      links: data.links.map((link) => ({ ...link, lineStyle: { color: colour(link.rank), opacity: 0.5, curveness: 0.5 } })),
    }],
  };
}

function draw() {
  if (chart && !chart.getDom().isConnected) { chart.dispose(); chart = null; }
  const element = document.querySelector("[data-flows]");
  if (!element || chart) return;
  chart = echarts.init(element, null, { renderer: "canvas" });
  chart.setOption(options(JSON.parse(element.dataset.flows)));
}

draw();
document.addEventListener("htmx:afterSettle", draw);
addEventListener("resize", () => chart?.resize());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (chart) chart.setOption(options(JSON.parse(chart.getDom().dataset.flows)));
});
