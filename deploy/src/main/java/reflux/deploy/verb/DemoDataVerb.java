// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.deploy.demo.DemoData;

@Command(
        name = "demo-data",
        description = "Write the demo's train, valid, test and prompt files (CMUdict, split by hash of the word).")
final class DemoDataVerb implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the JSONL files go.")
    private Path out = Path.of(".");

    @Override
    public Integer call() {
        DemoData data = DemoData.write(Installation.home().resolve("demo-data/cmudict.tsv.gz"), out);
        System.out.println(data.train().getParent() + ": train, prompts, valid and test written");
        return 0;
    }
}
