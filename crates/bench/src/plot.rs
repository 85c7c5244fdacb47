//! Two plots, as SVG: latency over load, and cost over the size of the tables.

mod axis;

use axis::Axis;

use crate::bench::Bench;
use crate::database::Store;
use crate::row::Row;
use crate::scenario::{end_to_end, growth};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 55.0;

/// A line through points, in the units of the axes.
pub(crate) struct Line {
    name: String,
    colour: &'static str,
    dashed: bool,
    points: Vec<(f64, f64)>,
}

/// A plot with logarithmic axes.
pub(crate) struct Plot {
    title: &'static str,
    x: &'static str,
    y: &'static str,
    lines: Vec<Line>,
}

const COLOURS: [(Store, &str); 2] = [(Store::Sqlite, "#0072b2"), (Store::Postgres, "#d55e00")];

type Figure = fn(&Row) -> Option<f64>;

/// From POST to webhook, at rising rates.
pub(crate) fn latency(bench: &Bench, rows: &[Row]) -> Plot {
    let mut lines = Vec::new();
    for (store, colour) in COLOURS {
        let quantiles: [(&str, Figure); 2] = [("p50", |row| row.p50_ms), ("p99", |row| row.p99_ms)];
        for (name, of) in quantiles {
            let points = end_to_end::rates(bench).into_iter().filter_map(|rate| {
                let row = find(rows, &end_to_end::at_rate(store, rate))?;
                Some((float(rate), of(row)?))
            });
            lines.push(Line {
                name: format!("{store} {name}"),
                colour,
                dashed: name == "p99",
                points: points.collect(),
            });
        }
    }
    Plot {
        title: "From POST to webhook, one receiver",
        x: "messages a second",
        y: "ms",
        lines,
    }
}

/// CPU of a message over what is stored already.
pub(crate) fn cost(bench: &Bench, rows: &[Row]) -> Plot {
    let lines = COLOURS.map(|(store, colour)| Line {
        name: store.to_string(),
        colour,
        dashed: false,
        points: growth::tables(bench)
            .into_iter()
            .filter_map(|messages| {
                let row = find(rows, &growth::of_size(store, messages))?;
                Some((float(messages), row.cpu_us()?))
            })
            .collect(),
    });
    Plot {
        title: "CPU of a stored message, gateway and database",
        x: "messages stored before",
        y: "µs",
        lines: lines.into(),
    }
}

fn find<'a>(rows: &'a [Row], key: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.key == key)
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

impl Plot {
    /// The picture; `None` without points.
    pub(crate) fn svg(&self) -> Option<String> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let x = Axis::over(points().map(|point| point.0))?;
        let y = Axis::over(points().map(|point| point.1))?;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
            self.title
        );
        self.grid(&mut svg, &x, &y);
        for (index, line) in self.lines.iter().enumerate() {
            line.draw(&mut svg, &x, &y, index);
        }
        svg.push_str("</svg>\n");
        Some(svg)
    }

    fn grid(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in x.ticks() {
            let (at, text) = (across(x, tick), axis::label(tick));
            svg.push_str(&rule(at, TOP, at, bottom));
            let y = bottom + 18.0;
            svg.push_str(&words(at, y, "middle", &text));
        }
        for tick in y.ticks() {
            let (at, text) = (up(y, tick), axis::label(tick));
            svg.push_str(&rule(LEFT, at, right, at));
            svg.push_str(&words(LEFT - 8.0, at + 4.0, "end", &text));
        }
        svg.push_str(&words(
            f64::midpoint(LEFT, right),
            HEIGHT - 14.0,
            "middle",
            self.x,
        ));
        svg.push_str(&words(LEFT - 8.0, TOP - 8.0, "end", self.y));
    }
}

impl Line {
    fn draw(&self, svg: &mut String, x: &Axis, y: &Axis, index: usize) {
        let (Self { colour, name, .. }, dashes) = (self, if self.dashed { "6 4" } else { "none" });
        let style = format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\""
        );
        let mut path = Vec::new();
        for (px, py) in &self.points {
            let (px, py) = (across(x, *px), up(y, *py));
            path.push(format!("{px:.1},{py:.1}"));
            let dot =
                format!("<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3\" fill=\"{colour}\"/>\n");
            svg.push_str(&dot);
        }
        let (left, row) = (
            WIDTH - RIGHT + 15.0,
            TOP + 15.0 + 20.0 * float(u64::try_from(index).unwrap_or_default()),
        );
        let (to, base) = (left + 28.0, row + 4.0);
        let path = path.join(" ");
        svg.push_str(&line(&path, &style));
        svg.push_str(&line(&format!("{left},{row} {to},{row}"), &style));
        svg.push_str(&words(to + 6.0, base, "start", name));
    }
}

fn across(axis: &Axis, value: f64) -> f64 {
    LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)
}

fn up(axis: &Axis, value: f64) -> f64 {
    HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM)
}

fn rule(x1: f64, y1: f64, x2: f64, y2: f64) -> String {
    format!("<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#ddd\"/>\n")
}

fn line(points: &str, style: &str) -> String {
    format!("<polyline points=\"{points}\" {style}/>\n")
}

fn words(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_holds_its_points_and_names() {
        let plot = Plot {
            title: "t",
            x: "x",
            y: "y",
            lines: vec![Line {
                name: "sqlite".to_owned(),
                colour: "#000",
                dashed: true,
                points: vec![(10.0, 1.0), (1000.0, 100.0)],
            }],
        };
        let svg = plot.svg().unwrap();
        assert!(svg.contains("points=\"70.0,345.0 550.0,40.0\""), "{svg}");
        assert!(svg.contains(">sqlite</text>") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn nothing_measured_gives_no_plot() {
        let plot = Plot {
            title: "t",
            x: "x",
            y: "y",
            lines: Vec::new(),
        };
        assert_eq!(plot.svg(), None);
    }
}
