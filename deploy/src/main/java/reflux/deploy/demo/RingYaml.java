// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the demo's one configuration file; what was tuned for the demo stands here and nowhere else. */
final class RingYaml {
    private RingYaml() {}

    static Path write(DemoSettings settings, DemoPorts ports, Path prompts) throws IOException {
        Path file = settings.output().resolve("ring.yaml");
        return Files.writeString(
                file,
                TEMPLATE.formatted(
                        settings.teacher(),
                        DemoPorts.address(ports.teacherA()),
                        settings.student(),
                        DemoPorts.address(ports.generator()),
                        DemoPorts.address(ports.teacherA()),
                        DemoPorts.address(ports.teacherB()),
                        settings.student(),
                        settings.output().resolve("run"),
                        DemoPorts.address(ports.learner()),
                        DemoPorts.address(ports.generator()),
                        DemoPorts.address(ports.teacherA()),
                        DemoPorts.address(ports.teacherB()),
                        prompts,
                        settings.maxSteps(),
                        settings.maxSeconds()));
    }

    private static final String TEMPLATE = """
            # Written by deploy/demo. The second teacher is started with another teacher.listen.
            teacher:
              model: "%s"
              listen: "%s"
              threads: 1
            generator:
              model: "%s"
              listen: "%s"
              teachers: ["%s", "%s"]
              threads: 1
              slots: 128
              max_length: 96
            learner:
              student: "%s"
              output_dir: "%s"
              listen: "%s"
              generators: ["%s"]
              teachers: ["%s", "%s"]
              train_data: ["%s"]
              objective: dskd-v2
              kd_ratio: 1.0
              kd_loss_fn: forward_kl
              # The student's tokens are numbered by frequency: the first 110 make up nearly all responses.
              topk_vocab: 110
              learning_rate: 3e-3
              projector_lr: 8e-3
              lr_scheduler_type: cosine
              warmup_steps: 10
              max_grad_norm: 1.0
              max_steps: %d
              max_seconds: %d
              batch_size: 64
              diagnostic_rows: 256
              max_staleness: 2
              max_new_tokens: 40
              temperature: 1.0
              seed: 42
              threads: 1
            """;
}
