"""Metrics against the libraries that people would check them with: scikit-learn, SciPy, statsmodels, numpy.

Random cases with a fixed seed go through the program assay_metric_values; every figure must agree to 1e-9 (relative, or
absolute below 1). About 2,000 cases in a test run, times ASSAY_SOAK.
"""
import json
import math
import os
import pathlib
import subprocess
import unittest

try:
    import numpy as np
    import scipy.spatial.distance
    import scipy.stats
    import sklearn.metrics
    import statsmodels.stats.contingency_tables
    import statsmodels.stats.multitest
    import statsmodels.stats.proportion
except ImportError as missing:
    raise unittest.SkipTest(f"no {missing.name}") from missing

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ASSAY_BIN_DIR", ROOT / "build/asan/bin")) / "assay_metric_values"
SOAK = max(1, int(os.environ.get("ASSAY_SOAK", "1")))
TOLERANCE = 1e-9


def plain(value):
    """numpy's numbers are no JSON."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


class Agreement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = 0

    def setUp(self):
        self.random = np.random.default_rng(int.from_bytes(self.id().encode()[-6:], "big"))

    def compute(self, kind, cases):
        """One process computes all cases of a kind."""
        text = "".join(json.dumps({"kind": kind, **case}, default=plain) + "\n" for case in cases)
        done = subprocess.run([PROGRAM], input=text, capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(results), len(cases))
        Agreement.cases += len(cases)
        return results

    def same(self, ours, theirs, what):
        if theirs is None or ours is None or (isinstance(theirs, float) and math.isnan(theirs)):
            self.assertIsNone(ours, what)
            self.assertTrue(theirs is None or math.isnan(theirs), what)
        else:
            self.assertLessEqual(abs(ours - theirs), TOLERANCE * max(1, abs(theirs)), f"{what}: {ours} is not {theirs}")

    def test_tensors(self):
        cases = []
        for i in range(400 * SOAK):
            rows, width = self.random.integers(1, 12), self.random.integers(1, 20)
            r = self.random.normal(10.0 ** self.random.integers(-3, 4), 10.0 ** self.random.integers(-3, 3), (rows, width))
            d = r + self.random.normal(0, 10.0 ** self.random.integers(-4, 1), (rows, width))
            if i % 17 == 0:
                r = np.full((rows, width), r[0, 0])  # zero variance
            if i % 19 == 0:
                d = r.copy()
            if i % 23 == 0:
                r = np.zeros((rows, width))
            cases.append({"r": r, "d": d})
        for case, got in zip(cases, self.compute("tensor", cases)):
            r, d = case["r"].ravel(), case["d"].ravel()
            e = d - r
            exact = not e.any()
            want = {
                "mae": sklearn.metrics.mean_absolute_error(r, d),
                "bias": e.mean(),
                "deviation": e.std(ddof=1) if len(e) > 1 else None,
                "rmse": sklearn.metrics.root_mean_squared_error(r, d),
                "max_abs": sklearn.metrics.max_error(r, d),
                "l2r_ref": np.linalg.norm(e) / np.linalg.norm(r) if r.any() else None,
                "l2r_dev": np.linalg.norm(e) / np.linalg.norm(d) if d.any() else None,
                "sqnr_db": 10 * np.log10((r**2).sum() / (e**2).sum()) if r.any() and not exact else None,
                "nse": sklearn.metrics.r2_score(r, d) if len(set(r)) > 1 else None,
                "cosine": 1 - scipy.spatial.distance.cosine(r, d) if r.any() and d.any() else float(not r.any() and not d.any()),
            }
            self.assertEqual(got["exact"], exact)
            for name, value in want.items():
                if name == "nse" and value is not None and abs(value) > 1e6:
                    continue  # a variance that is rounding itself
                self.same(got[name], value, name)

    def test_classifiers(self):
        cases = []
        for i in range(150 * SOAK):
            n, classes = int(self.random.integers(1, 120)), int(self.random.integers(2, 13))
            ties = i % 2 == 0
            scores = self.random.integers(0, 6, (n, classes)) if ties else self.random.normal(size=(n, classes))
            other = self.random.integers(0, 6, (n, classes)) if ties else scores + self.random.normal(0, 0.3, (n, classes))
            labels = self.random.integers(0, classes, n) if i % 11 else np.zeros(n, int)
            cases.append({"labels": labels, "classes": classes, "scores": scores, "other": other, "ties": ties,
                          "k": int(self.random.integers(1, classes + 1))})
        for case, got in zip(cases, self.compute("classification", cases)):
            y, c, k = case["labels"], case["classes"], case["k"]
            scores, other = case["scores"], case["other"]
            top, other_top = scores.argmax(axis=1), other.argmax(axis=1)  # numpy too takes the lowest index
            self.same(got["accuracy"], sklearn.metrics.accuracy_score(y, top), "accuracy")
            recalls = sklearn.metrics.recall_score(y, top, labels=np.unique(y), average=None)
            self.same(got["balanced"], recalls.mean(), "balanced")
            self.assertEqual(got["confusion"], sklearn.metrics.confusion_matrix(y, top, labels=range(c)).tolist())
            recall = sklearn.metrics.recall_score(y, top, labels=range(c), average=None, zero_division=np.nan)
            precision = sklearn.metrics.precision_score(y, top, labels=range(c), average=None, zero_division=np.nan)
            for label in range(c):
                self.same(got["recall"][label], float(recall[label]), "recall")
                self.same(got["precision"][label], float(precision[label]), "precision")
            best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            other_best = np.argsort(-other, axis=1, kind="stable")[:, :k]
            self.assertEqual(got["top_k_hits"], sum(label in row for label, row in zip(y, best)))
            if not case["ties"] and c > 2:
                share = sklearn.metrics.top_k_accuracy_score(y, scores, k=k, labels=range(c)) if k < c else 1
                self.same(got["top_k_hits"] / len(y), share, "top-k")
            self.same(got["set_agreement"],
                      np.mean([len(set(a) & set(b)) / k for a, b in zip(best, other_best)]), "set agreement")
            self.holm_of_classes(got, y, other_top, top, c)

    def holm_of_classes(self, got, y, reference, device, classes):
        p = []
        for label in np.unique(y):
            here = y == label
            b = int((here & (reference == y) & (device != y)).sum())
            c = int((here & (reference != y) & (device == y)).sum())
            table = [[0, b], [c, 0]]
            # At b = c the continuity correction of statsmodels turns a distance of 0 into 1; here it stops at 0.
            p.append(statsmodels.stats.contingency_tables.mcnemar(table, exact=b + c < 25).pvalue if b != c else 1.0)
        corrected = dict(zip(np.unique(y), statsmodels.stats.multitest.multipletests(p, method="holm")[1]))
        for label in range(classes):
            self.same(got["p_holm"][label], corrected.get(label), "p_holm")

    def test_proportions(self):
        cases = []
        for _ in range(450 * SOAK):
            n = int(self.random.integers(1, 10 ** int(self.random.integers(1, 5))))
            cases.append({"n": n, "hits": int(self.random.integers(0, min(n, 300) + 1)),
                          "p": float(self.random.choice([0.001, 0.005, 0.02, 0.5, 0.9]))})
        for case, got in zip(cases, self.compute("proportion", cases)):
            n, hits = case["n"], case["hits"]
            lo, hi = statsmodels.stats.proportion.proportion_confint(hits, n, method="wilson")
            self.same(got["lo"], lo, "Wilson low")
            self.same(got["hi"], hi, "Wilson high")
            self.same(got["tail"], scipy.stats.binom.sf(hits - 1, n, case["p"]), "binomial tail")
            self.same(got["poisson_lo"], scipy.stats.chi2.ppf(0.025, 2 * hits) / 2 if hits else 0, "Poisson low")
            self.same(got["poisson_hi"], scipy.stats.chi2.ppf(0.975, 2 * hits + 2) / 2, "Poisson high")

    def test_mcnemar(self):
        cases = [{"b": b, "c": c} for b in range(14) for c in range(14)]
        cases += [{"b": int(b), "c": int(c)} for b, c in self.random.integers(0, 400, (200 * SOAK, 2))]
        for case, got in zip(cases, self.compute("mcnemar", cases)):
            b, c = case["b"], case["c"]
            table = [[0, b], [c, 0]]
            mcnemar = statsmodels.stats.contingency_tables.mcnemar
            exact = mcnemar(table, exact=True).pvalue if b + c else 1.0
            self.same(got["exact"], exact, f"exact McNemar of {b} and {c}")
            if b + c < 25:
                self.same(got["p"], exact, f"McNemar of {b} and {c}")
            elif b != c:  # see holm_of_classes
                self.same(got["p"], mcnemar(table, exact=False, correction=True).pvalue, f"McNemar of {b} and {c}")

    def test_holm(self):
        cases = [{"p": self.random.beta(0.5, 2, int(self.random.integers(1, 40)))} for _ in range(150 * SOAK)]
        for case, got in zip(cases, self.compute("holm", cases)):
            for ours, theirs in zip(got["p"], statsmodels.stats.multitest.multipletests(case["p"], method="holm")[1]):
                self.same(ours, float(theirs), "Holm")

    def test_roc(self):
        cases = []
        for i in range(400 * SOAK):
            n = int(self.random.integers(2, 150))
            positive = self.random.integers(0, 2, n)
            scores = positive * self.random.random() + self.random.normal(size=n)
            if i % 2:
                scores = np.round(scores, int(self.random.integers(0, 2)))  # ties
            cases.append({"scores": scores, "positive": positive, "max_fpr": float(self.random.choice([0.05, 0.1, 0.37, 1]))})
        for case, got in zip(cases, self.compute("roc", cases)):
            y, scores = case["positive"], case["scores"]
            if len(set(y)) < 2:
                self.assertIsNone(got["auc"])
                self.assertIsNone(got["pauc"])
                continue
            self.same(got["auc"], sklearn.metrics.roc_auc_score(y, scores), "AUC")
            self.same(got["pauc"], sklearn.metrics.roc_auc_score(y, scores, max_fpr=case["max_fpr"]), "pAUC")

    def test_detection(self):
        overlaps, labels, cases = [0.5, 0.75, 0.95], [0, 1, 2], []
        for _ in range(100 * SOAK):
            truth, detections = [], []
            for sample in range(int(self.random.integers(1, 8))):
                for _ in range(int(self.random.integers(0, 5))):
                    y, x = self.random.random(2)
                    box = [y, x, y + 0.1 + self.random.random(), x + 0.1 + self.random.random()]
                    label = int(self.random.integers(0, 3))
                    truth.append([*box, 0.0, label, sample])
                    for _ in range(int(self.random.integers(0, 3))):
                        shifted = [v + self.random.normal(0, 0.05) for v in box]
                        detections.append([*shifted, round(self.random.random(), 2), label, sample])
            cases.append({"truth": truth, "detections": detections, "overlaps": overlaps, "labels": labels})
        for case, got in zip(cases, self.compute("detection", cases)):
            want = [voc_ap(case["detections"], case["truth"], label, least) for least in overlaps for label in labels]
            for ours, theirs in zip(got["ap"], want):
                self.same(ours, theirs, "AP")

    def test_streaming(self):
        cases = []
        for _ in range(60 * SOAK):
            n, classes = int(self.random.integers(5, 200)), int(self.random.integers(2, 5))
            # Steps and times that doubles hold exactly: both sides may then compare without slack.
            scores = self.random.dirichlet(np.full(classes, 0.3), n)
            starts = np.sort(self.random.integers(0, n, int(self.random.integers(0, 6)))) / 8
            events = [[float(s), float(s + self.random.integers(1, 16) / 8), int(self.random.integers(1, classes))] for s in starts]
            cases.append({"scores": scores, "hop": 0.125, "events": events, "threshold": 0.5,
                          "smoothing": int(self.random.integers(1, 4))})
        for case, got in zip(cases, self.compute("streaming", cases)):
            delays, alarms = follow(case)
            self.assertEqual(len(got["alarms"]), len(alarms))
            for ours, theirs in zip(got["alarms"] + got["delays"], alarms + delays):
                self.same(ours, theirs, "time")

    def test_slices(self):
        cases = []
        for _ in range(60 * SOAK):
            n = int(self.random.integers(30, 400))
            labels = self.random.integers(0, 3, n)
            reference = np.where(self.random.random(n) < 0.8, labels, (labels + 1) % 3)
            device = np.where(self.random.random(n) < 0.9, reference, self.random.integers(0, 3, n))
            column = [f"v{v}" for v in self.random.integers(0, int(self.random.integers(1, 9)), n)]
            cases.append({"labels": labels, "reference": reference, "device": device, "column": column})
        for case, got in zip(cases, self.compute("slices", cases)):
            y, r, d, column = case["labels"], case["reference"], case["device"], np.array(case["column"])
            tested = []
            for value in np.unique(column):
                here, row = column == value, got[value]
                b, c = int((here & (r == y) & (d != y)).sum()), int((here & (r != y) & (d == y)).sum())
                self.assertEqual(row["support"], int(here.sum()))
                self.same(row["accuracy"], sklearn.metrics.accuracy_score(y[here], d[here]), "slice accuracy")
                self.same(row["delta"], (c - b) / here.sum(), "slice delta")
                p = statsmodels.stats.contingency_tables.mcnemar([[0, b], [c, 0]], exact=True).pvalue if b + c else 1.0
                if here.sum() < 30:
                    self.assertIsNone(row["p"])
                else:
                    self.same(row["p"], float(p), "slice p")
                    tested.append((value, p))
            if tested:
                corrected = statsmodels.stats.multitest.multipletests([p for _, p in tested], method="holm")[1]
                for (value, _), p in zip(tested, corrected):
                    self.same(got[value]["p_holm"], float(p), "slice p, Holm")

    def test_bootstrap_covers(self):
        """Of 95 % intervals about 95 % hold the truth."""
        n, broken, fixed, runs = 600, 0.04, 0.02, 150 * min(SOAK, 10)
        counts = self.random.multinomial(n, [broken, fixed, 1 - broken - fixed], runs)
        cases = [{"b": int(b), "c": int(c), "n": n, "seed": seed, "resamples": 400} for seed, (b, c, _) in enumerate(counts)]
        held = sum(got["lo"] <= fixed - broken <= got["hi"] for got in self.compute("bootstrap", cases))
        self.assertGreater(held / runs, 0.90)
        self.assertLess(held / runs, 0.995)

    def test_bootstrap_is_the_multinomial(self):
        """Its quantiles are those of numpy's multinomial resampling."""
        cases = []
        for seed in range(30 * min(SOAK, 10)):
            n = int(self.random.integers(30, 3000))
            b, c = (int(v) for v in self.random.integers(0, [max(2, n // 4), max(2, n // 3)]))
            cases.append({"b": b, "c": c, "n": n, "seed": seed, "resamples": 2000})
        cases.append({"b": 20, "c": 20, "n": 40, "seed": 1, "resamples": 2000})  # every pair flipped
        for case, got in zip(cases, self.compute("bootstrap", cases)):
            b, c, n = case["b"], case["c"], case["n"]
            drawn = self.random.multinomial(n, [b / n, c / n, 1 - (b + c) / n], 20000)
            deltas = (drawn[:, 1] - drawn[:, 0]) / n
            lo, hi = np.quantile(deltas, [0.025, 0.975])
            slack = 0.25 * deltas.std() + 1 / n  # of a quantile of 2,000: four standard errors
            self.assertLessEqual(abs(got["lo"] - lo), slack, case)
            self.assertLessEqual(abs(got["hi"] - hi), slack, case)

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.cases} cases agree to {TOLERANCE}")


def voc_ap(detections, truth, label, least):
    """PASCAL VOC 2010: its published development kit, in numpy."""
    boxes = {}
    for *box, _, cls, sample in truth:
        if cls == label:
            boxes.setdefault(sample, []).append(box)
    total = sum(map(len, boxes.values()))
    if total == 0:
        return None
    ours = sorted((d for d in detections if d[5] == label), key=lambda d: -d[4])
    taken, hit = set(), []
    for y0, x0, y1, x1, _, _, sample in ours:
        best, where = -1.0, None
        for i, (b0, b1, b2, b3) in enumerate(boxes.get(sample, [])):
            height, width = min(y1, b2) - max(y0, b0), min(x1, b3) - max(x0, b1)
            if height <= 0 or width <= 0:
                share = 0.0
            else:
                share = height * width / ((y1 - y0) * (x1 - x0) + (b2 - b0) * (b3 - b1) - height * width)
            if share > best:
                best, where = share, (sample, i)
        hit.append(best >= least and where not in taken)
        if hit[-1]:
            taken.add(where)
    hits = np.cumsum(hit) if hit else np.zeros(0)
    recall = np.concatenate([[0], hits / total, [1]])
    precision = np.concatenate([[0], hits / np.arange(1, len(hit) + 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.where(recall[1:] != recall[:-1])[0]
    return float(((recall[steps + 1] - recall[steps]) * precision[steps + 1]).sum())


def follow(case):
    """The rules of streaming, written a second time."""
    events, hop = case["events"], case["hop"]
    delays, alarms = [None] * len(events), []
    for i in range(len(case["scores"])):
        window = np.asarray(case["scores"][max(0, i - case["smoothing"] + 1): i + 1])
        mean = window.sum(axis=0) / len(window)
        top = int(mean.argmax())
        if top == 0 or mean[top] < case["threshold"]:
            continue
        now = i * hop
        answered = [e for e, (start, end, cls) in enumerate(events) if cls == top and start <= now <= end + 1]
        for e in answered:
            if delays[e] is None:
                delays[e] = now - events[e][0]
        if not answered and not (alarms and now - alarms[-1] < 1):
            alarms.append(now)
    return delays, alarms


if __name__ == "__main__":
    unittest.main()
