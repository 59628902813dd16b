// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Error rates as bars with their spread, in two colours: the student's own tokenizer, and the teacher's. */
final class ComparisonPlot {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 640;

    private ComparisonPlot() {}

    static void write(Path file, List<MethodSummary> ranked) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(
                        "Phoneme error rate after the same number of trained tokens (mean ± sd over seeds; lower is better)")
                .yAxisTitle("PER %")
                .build();
        CategoryStyler style = chart.getStyler();
        style.setAvailableSpaceFill(0.8);
        style.setOverlapped(true);
        style.setXAxisLabelRotation(60);
        style.setChartBackgroundColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.InsideNW);
        series(chart, "own tokenizer", ranked, false, new Color(0x2f6db3));
        series(chart, "teacher's tokenizer", ranked, true, new Color(0xd98b2b));
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    }

    private static void series(
            CategoryChart chart, String name, List<MethodSummary> ranked, boolean hasOneVocabulary, Color color) {
        List<String> names = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (MethodSummary method : ranked) {
            boolean isShown = method.student().endsWith("-same") == hasOneVocabulary;
            names.add(method.name());
            means.add(isShown ? 100 * method.per().mean() : 0);
            deviations.add(isShown ? 100 * method.per().deviation() : 0);
        }
        chart.addSeries(name, names, means, deviations).setFillColor(color);
    }
}
