//! Reports as JSON. Fields are added, and never renamed or removed.

use super::text::liberties;
use super::{
    CallReport, LoopKind, LoopReport, ParallelReport, Report, SpecializationReport, Unrolled,
};

impl Report {
    /// The report as JSON, with the names of the fields of [`Report`] and the types in it. Times are in milliseconds, reasons for declining
    /// are texts.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.object(|json| {
            json.field("name", |json| json.string(&self.name));
            json.field("module", |json| json.string(&self.module));
            json.field("cpu", |json| {
                json.optional(self.cpu.as_deref(), Json::string)
            });
            json.field("llvm", |json| {
                json.optional(self.llvm.as_deref(), Json::string)
            });
            json.field("specializations", |json| {
                json.array(&self.specializations, write_specialization);
            });
            json.field("declined", |json| {
                json.array(&self.declined, |json, declined| {
                    json.object(|json| {
                        json.field("type_args", |json| {
                            json.array(&declined.type_args, |json, ty| json.string(ty.name()));
                        });
                        json.field("reason", |json| json.string(&declined.reason.to_string()));
                    });
                });
            });
        });
        json.text
    }
}

fn write_specialization(json: &mut Json, report: &SpecializationReport) {
    json.object(|json| {
        json.field("signature", |json| json.string(&report.signature));
        json.field("loops", |json| json.array(&report.loops, write_loop));
        json.field("host_calls", |json| {
            json.array(&report.host_calls, write_call)
        });
        json.field("calls", |json| json.array(&report.calls, write_call));
        json.field("fastmath", |json| {
            json.array(&liberties(report.fastmath), |json, name| json.string(name));
        });
        json.field("overflow_checks", |json| json.bool(report.overflow_checks));
        json.field("code_size_bytes", |json| {
            json.number(report.code_size_bytes)
        });
        json.field("times_ms", |json| {
            let times = &report.times;
            json.object(|json| {
                for (stage, time) in [
                    ("specialize", times.specialize),
                    ("lower", times.lower),
                    ("optimize", times.optimize),
                    ("emit", times.emit),
                    ("load", times.load),
                ] {
                    json.field(stage, |json| {
                        json.number(format_args!("{:.3}", time.as_secs_f64() * 1e3));
                    });
                }
            });
        });
        json.field("from_cache", |json| json.bool(report.from_cache));
        json.field("problem", |json| {
            json.optional(report.problem.as_deref(), Json::string);
        });
    });
}

fn write_parallel(json: &mut Json, report: &ParallelReport) {
    json.object(|json| {
        json.field("is_parallel", |json| json.bool(report.is_parallel));
        json.field("requested", |json| json.bool(report.requested));
        json.field("conditions", |json| json.number(report.conditions));
        json.field("reductions", |json| {
            json.array(&report.reductions, |json, (name, how)| {
                json.object(|json| {
                    json.field("name", |json| json.string(name));
                    json.field("how", |json| json.string(how));
                });
            });
        });
        json.field("privates", |json| {
            json.array(&report.privates, |json, name| json.string(name));
        });
        json.field("settings", |json| {
            let settings = &report.settings;
            json.object(|json| {
                json.field("threads", |json| {
                    json.optional(settings.threads, Json::number);
                });
                json.field("min_len", |json| {
                    json.optional(settings.min_len, Json::number);
                });
                json.field("chunk", |json| json.optional(settings.chunk, Json::number));
                json.field("schedule", |json| {
                    let schedule = settings.schedule.map(|schedule| schedule.name());
                    json.optional(schedule, Json::string);
                });
            });
        });
        json.field("reason", |json| {
            json.optional(report.reason.as_deref(), Json::string);
        });
        json.field("conflict", |json| {
            json.array(&report.conflict, |json, (line, column)| {
                json.object(|json| {
                    json.field("line", |json| json.number(line));
                    json.field("column", |json| json.number(column));
                });
            });
        });
    });
}

fn write_loop(json: &mut Json, report: &LoopReport) {
    let strings = |json: &mut Json, texts: &Vec<String>| {
        json.array(texts, |json, text| json.string(text));
    };
    json.object(|json| {
        json.field("function", |json| json.string(&report.function));
        json.field("file", |json| json.string(&report.file));
        json.field("line", |json| json.number(report.line));
        json.field("column", |json| json.number(report.column));
        json.field("depth", |json| json.number(report.depth));
        json.field("innermost", |json| json.bool(report.innermost));
        json.field("kind", |json| {
            json.string(match report.kind {
                LoopKind::For => "for",
                LoopKind::While => "while",
                LoopKind::Forever => "loop",
            });
        });
        json.field("trip_count", |json| {
            json.optional(report.trip_count, Json::number);
        });
        json.field("vectorized", |json| {
            json.optional(report.vectorized, |json, vectorized| {
                json.object(|json| {
                    json.field("width", |json| json.number(vectorized.width));
                    json.field("interleave", |json| {
                        json.optional(vectorized.interleave, Json::number);
                    });
                });
            });
        });
        json.field("unrolled", |json| {
            json.optional(report.unrolled, |json, unrolled| match unrolled {
                Unrolled::Completely => json.string("completely"),
                Unrolled::By(factor) => json.number(factor),
            });
        });
        json.field("eliminated", |json| json.bool(report.eliminated));
        json.field("parallel", |json| {
            json.optional(report.parallel.as_ref(), write_parallel);
        });
        json.field("checks", |json| {
            json.object(|json| {
                json.field("total", |json| json.number(report.checks.total));
                json.field("left", |json| {
                    json.array(&report.checks.left, |json, check| {
                        json.object(|json| {
                            json.field("what", |json| json.string(check.what));
                            json.field("line", |json| json.number(check.line));
                            json.field("column", |json| json.number(check.column));
                        });
                    });
                });
            });
        });
        json.field("reasons", |json| strings(json, &report.reasons));
        json.field("vector_math", |json| strings(json, &report.vector_math));
        json.field("scalar_math", |json| strings(json, &report.scalar_math));
        json.field("notes", |json| strings(json, &report.notes));
        json.field("llvm_remarks", |json| strings(json, &report.llvm_remarks));
    });
}

fn write_call(json: &mut Json, call: &CallReport) {
    json.object(|json| {
        json.field("name", |json| json.string(&call.name));
        json.field("file", |json| json.string(&call.file));
        json.field("line", |json| json.number(call.line));
        json.field("column", |json| json.number(call.column));
        json.field("in_loop", |json| json.bool(call.in_loop));
    });
}

/// JSON as it is written.
#[derive(Default)]
struct Json {
    text: String,
}

impl Json {
    fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.text.push('{');
        fields(self);
        self.text.push('}');
    }

    fn field(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.string(name);
        self.text.push(':');
        value(self);
    }

    fn array<T>(&mut self, elements: &[T], write: impl Fn(&mut Self, &T)) {
        self.text.push('[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write(self, element);
        }
        self.text.push(']');
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.text.push_str("null"),
        }
    }

    fn bool(&mut self, value: bool) {
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn number(&mut self, value: impl std::fmt::Display) {
        self.text.push_str(&value.to_string());
    }

    fn string(&mut self, value: &str) {
        self.text.push('"');
        for c in value.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                c if c < ' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        let mut json = Json::default();
        json.object(|json| {
            json.field("a", |json| json.string("\"\\\n\u{1}ü"));
            json.field("b", |json| json.optional(None::<u32>, Json::number));
            json.field("c", |json| json.array(&[1, 2], |json, n| json.number(n)));
        });
        assert_eq!(
            json.text,
            "{\"a\":\"\\\"\\\\\\n\\u0001ü\",\"b\":null,\"c\":[1,2]}"
        );
    }
}
