// Draws the bar charts over time. Data comes in data-chart; colors come from the style sheet.

const instances = new Set();
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function formatter(zone, width) {
  const long = width >= 86_400_000;
  const options = long ? { month: "2-digit", day: "2-digit" } : { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
  const locale = document.documentElement.lang;
  const format = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  return (moment) => format.format(new Date(moment));
}

function slots(data) {
  const found = [];
  const first = data.start - (data.start % data.width);
  for (let at = first; at < data.end && found.length < 200; at += data.width) found.push(at);
  return found;
}

function series(data, moments) {
  return data.series.map((each) => {
    const counts = new Map(each.points);
    return {
      name: data.names[each.name] ?? each.name,
      type: "bar",
      stack: "all",
      barCategoryGap: "18%",
      itemStyle: { color: css(`--${each.name === "events" ? "accent" : each.name}`) },
      data: moments.map((moment) => counts.get(moment) ?? 0),
    };
  });
}

function options(data) {
  const write = formatter(data.zone, data.width);
  const moments = slots(data);
  const muted = css("--muted");
  return {
    animation: false,
    aria: { enabled: false },
    grid: { left: 46, right: 16, top: 14, bottom: 24 },
    // Rich text draws on the canvas; HTML tooltips would need inline styles.
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, backgroundColor: css("--surface"), borderColor: css("--line-strong"), textStyle: { color: css("--text"), fontSize: 12 } },
    xAxis: { type: "category", data: moments.map(write), axisTick: { show: false }, axisLine: { lineStyle: { color: css("--line-strong") } }, axisLabel: { color: muted, fontSize: 11, hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, splitNumber: 3, axisLabel: { color: muted, fontSize: 11 }, splitLine: { lineStyle: { color: css("--line") } } },
    series: series(data, moments),
  };
}

// A click on a bar narrows the address's range to it.
function narrow(data, index) {
  const start = slots(data)[index];
  const address = new URL(location.href);
  address.searchParams.set("from", new Date(start).toISOString());
  address.searchParams.set("to", new Date(start + data.width).toISOString());
  address.searchParams.delete("cursor");
  location.assign(address);
}

function draw(root) {
  for (const element of root.querySelectorAll(".chart:not([data-drawn])")) {
    const data = JSON.parse(element.dataset.chart);
    const chart = echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(options(data));
    chart.getZr().on("click", (event) => {
      const [index] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) ?? [];
      if (Number.isInteger(index) && index >= 0 && index < slots(data).length) narrow(data, index);
    });
    element.dataset.drawn = "";
    instances.add(chart);
  }
}

function forget() {
  for (const chart of instances) {
    if (!chart.getDom().isConnected) {
      chart.dispose();
      instances.delete(chart);
    }
  }
}

draw(document);
document.addEventListener("htmx:afterSettle", () => { forget(); draw(document); });
addEventListener("resize", () => instances.forEach((chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of instances) chart.setOption(options(JSON.parse(chart.getDom().dataset.chart)));
});
