// Draws line charts. Data comes in data-lines; colors come from the style sheet.

const charts = new Map();
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(data) {
  const muted = css("--muted");
  const series = data.series.map((each) => ({
    name: each.name, type: "line", data: each.points, connectNulls: false, symbolSize: 7,
    lineStyle: { color: css(`--${each.color}`), width: 2 }, itemStyle: { color: css(`--${each.color}`) },
  }));
  if (data.target !== undefined) {
    series[0].markLine = { silent: true, symbol: "none", data: [{ yAxis: data.target }], lineStyle: { color: css("--critical"), type: "dashed" }, label: { formatter: data.target_name, position: "insideEndTop", color: css("--critical") } };
  }
  return {
    animation: false,
    aria: { enabled: false },
    grid: { left: 52, right: 20, top: 34, bottom: 26 },
    legend: { top: 2, textStyle: { color: css("--text"), fontSize: 12 } },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: css("--surface"), borderColor: css("--line-strong"), textStyle: { color: css("--text"), fontSize: 12 }, valueFormatter: (value) => (value == null ? "—" : `${value} ${data.unit}`) },
    xAxis: { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--line-strong") } }, axisLabel: { color: muted, fontSize: 11 } },
    yAxis: { type: "value", min: 0, max: data.maximum, splitNumber: 4, axisLabel: { color: muted, fontSize: 11, formatter: `{value} ${data.unit}` }, splitLine: { lineStyle: { color: css("--line") } } },
    series,
  };
}

function draw() {
  for (const element of document.querySelectorAll("[data-lines]")) {
    const data = JSON.parse(element.dataset.lines);
    const chart = echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(options(data));
    charts.set(chart, data);
  }
}

draw();
addEventListener("resize", () => charts.forEach((_, chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((data, chart) => chart.setOption(options(data))));
